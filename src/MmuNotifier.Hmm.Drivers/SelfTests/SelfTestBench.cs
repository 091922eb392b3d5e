using MmuNotifier.Hmm.Drivers.Mirroring;
namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>What a scenario works on: an address space with one or two mirror devices open, and short forms of what scenarios do.</summary>
internal sealed class SelfTestBench : IDisposable
{
    internal const ulong Page = MirroredMemory.PageBytes;
    internal const ulong BufferBytes = 4 << 20;
    internal const ulong BufferPages = BufferBytes / Page;
    internal const ulong HugeBytes = 2 << 20;

    private const int DevicePages = 1 << 17;

    private readonly MirrorDeviceFile[] _files;
    private readonly List<string> _notes = [];

    internal SelfTestBench(VirtualMemory memory, int firstDevice, int devices)
    {
        Memory = memory;
        IsCoherent = firstDevice >= 2;
        _files = [.. Enumerable.Range(firstDevice, devices).Select(index => new MirrorDevice(index, DevicePages).Open(memory))];
    }

    internal VirtualMemory Memory { get; }

    internal bool IsCoherent { get; }

    internal MirrorDeviceFile Device0 => _files[0];

    /// <summary>What is to be reported beside the result.</summary>
    internal IReadOnlyList<string> Notes => _notes;

    /// <summary>Only where two are open.</summary>
    internal MirrorDeviceFile Device1 => _files[1];

    public void Dispose()
    {
        Array.ForEach(_files, file => file.Dispose());
        Memory.Dispose();
        Array.ForEach(_files, file => file.Device.Dispose());
    }

    internal void Need(MemoryFeature feature)
    {
        if (Memory.WhyUnsupported(feature) is { } reason)
            throw new SelfTestSkip(reason);
    }

    internal ulong Map(
        ulong bytes = BufferBytes, Protection protection = Protection.Read | Protection.Write,
        MapFlags flags = MapFlags.Private, MemoryFile? file = null)
    {
        Expect(Errno.None, Memory.Map(0, bytes, protection, flags, out ulong mapped, file), "mmap");
        return mapped;
    }

    /// <summary>A buffer for which huge pages are advised, at a multiple of 2 MiB.</summary>
    internal ulong MapHuge(ulong bytes = HugeBytes)
    {
        Need(MemoryFeature.TransparentHugePages);
        ulong address = MapAligned(bytes);
        Expect(Errno.None, Memory.Advise(address, bytes, Advice.HugePage), "madvise");
        return address;
    }

    /// <summary>A buffer at a multiple of 2 MiB.</summary>
    internal ulong MapAligned(ulong bytes, Protection protection = Protection.Read | Protection.Write)
    {
        ulong mapped = Map(bytes + HugeBytes, protection);
        ulong address = (mapped + HugeBytes - 1) & ~(HugeBytes - 1);
        if (address > mapped)
            Expect(Errno.None, Memory.Unmap(mapped, address - mapped), "munmap");
        Expect(Errno.None, Memory.Unmap(address + bytes, mapped + HugeBytes - address), "munmap");
        return address;
    }

    /// <summary>Reports a line beside the result.</summary>
    internal void Note(string line) => _notes.Add(line);

    /// <summary>Fills a buffer with numbers from a first one on, four bytes each, as the CPU.</summary>
    internal void Fill(ulong address, uint first = 0, ulong bytes = BufferBytes) =>
        Expect(Errno.None, Memory.Store(address, Numbers(first, bytes)), "the CPU's write");

    internal void ExpectNumbers(ulong address, uint first = 0, ulong bytes = BufferBytes) => ExpectNumbers(Memory, address, first, bytes);

    internal static void ExpectNumbers(VirtualMemory memory, ulong address, uint first, ulong bytes)
    {
        byte[] read = new byte[bytes];
        Expect(Errno.None, memory.Load(address, read), "the CPU's read");
        Expect(Numbers(first, bytes), read, "what the CPU reads");
    }

    internal Answer Command(
        MirrorCommand command, ulong address, ulong pages = BufferPages, byte[]? bytes = null, MirrorDeviceFile? device = null)
    {
        byte[] buffer = bytes ?? new byte[pages * (command == MirrorCommand.Snapshot ? 1 : Page)];
        var block = new MirrorCommandBlock { Address = address, Pages = pages };
        Errno error = (device ?? Device0).Execute(command, ref block, new ArrayUserMemory(buffer));
        return new Answer(error, block, buffer);
    }

    /// <summary>The device reads just these numbers.</summary>
    internal Answer ExpectDeviceNumbers(
        MirrorCommand command, ulong address, uint first = 0, ulong pages = BufferPages, MirrorDeviceFile? device = null)
    {
        Answer answer = Command(command, address, pages, device: device);
        Expect(Errno.None, answer.Error, command.ToString());
        Expect(pages, answer.Block.PagesDone, $"pages of {command}");
        Expect(Numbers(first, pages * Page), answer.Bytes, $"what {command} reads");
        return answer;
    }

    internal void DeviceWrite(ulong address, uint first = 0, ulong pages = BufferPages)
    {
        Answer answer = Command(MirrorCommand.Write, address, pages, Numbers(first, pages * Page));
        Expect(Errno.None, answer.Error, "Write");
        Expect(pages, answer.Block.PagesDone, "pages of Write");
    }

    internal byte[] Snapshot(ulong address, ulong pages, MirrorDeviceFile? device = null)
    {
        Answer answer = Command(MirrorCommand.Snapshot, address, pages, device: device);
        Expect(Errno.None, answer.Error, "Snapshot");
        return answer.Bytes;
    }

    internal static byte[] Numbers(uint first, ulong bytes)
    {
        byte[] filled = new byte[bytes];
        Span<uint> numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(filled.AsSpan());
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = first + (uint)i;
        return filled;
    }

    internal static void Expect<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new SelfTestFailure($"{what}: expected {expected}, got {actual}");
    }

    internal static void Expect(byte[] expected, byte[] actual, string what)
    {
        int at = expected.AsSpan().CommonPrefixLength(actual);
        if (at < expected.Length || at < actual.Length)
            throw new SelfTestFailure(
                $"{what}: byte {at} of {actual.Length} differs: expected {Byte(expected, at)}, got {Byte(actual, at)}");
    }

    private static string Byte(byte[] bytes, int at) => at < bytes.Length ? $"0x{bytes[at]:x2}" : "none";

    internal readonly record struct Answer(Errno Error, MirrorCommandBlock Block, byte[] Bytes);
}
