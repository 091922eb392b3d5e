using System.Globalization;
using System.Text;
using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>
/// The memory of this process, or of a child, by system calls alone. The CPU's accesses are the kernel's own copies to and from the
/// address, through a scratch file: they fault as the program's would, and answer EFAULT instead of a signal.
/// </summary>
public sealed unsafe class KernelMemory : IProgramMemory
{
    private const ulong AnonymousFlag = 0x20;

    private readonly ISystemCalls _calls;
    private readonly DirectSystemCalls _own = new();
    private readonly int _maps;

    /// <summary>The memory of this process.</summary>
    public KernelMemory()
        : this(new DirectSystemCalls())
    {
    }

    private KernelMemory(ISystemCalls calls)
    {
        const ulong currentDirectory = unchecked((ulong)-100);
        const ulong closeOnExec = 0x80000;
        _calls = calls;
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{calls.ProcessId}/maps\0");
        fixed (byte* pointer = Encoding.ASCII.GetBytes(path))
            _maps = (int)_own.Call(CallNumber.OpenAt, currentDirectory, (ulong)pointer, closeOnExec, 0, 0, 0);
        if (_maps < 0)
            throw new InvalidOperationException("The list of mappings cannot be opened.");
    }

    public Errno Map(ulong address, ulong length, Protection protection, MapFlags flags, MemoryFile? file, ulong offset, out ulong mapped)
    {
        ulong all = (ulong)flags | (file is null ? AnonymousFlag : 0);
        ulong descriptor = file is KernelFile kernelFile ? (ulong)kernelFile.Descriptor : ulong.MaxValue;
        return AddressOrError(_calls.Call(CallNumber.Map, address, length, (ulong)protection, all, descriptor, offset), out mapped);
    }

    public Errno Unmap(ulong address, ulong length) => ErrorOf(_calls.Call(CallNumber.Unmap, address, length));

    public Errno Remap(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress, out ulong mapped) =>
        AddressOrError(_calls.Call(CallNumber.Remap, address, length, newLength, (ulong)flags, newAddress), out mapped);

    public Errno Protect(ulong address, ulong length, Protection protection) =>
        ErrorOf(_calls.Call(CallNumber.Protect, address, length, (ulong)protection));

    public Errno Advise(ulong address, ulong length, Advice advice) =>
        ErrorOf(_calls.Call(CallNumber.Advise, address, length, (ulong)advice));

    public Errno Load(ulong address, Span<byte> destination)
    {
        int done = 0;
        long copied = 0;
        while (done < destination.Length)
        {
            copied = _calls.Call(
                CallNumber.WriteAt, (ulong)Scratch.Descriptor, address + (ulong)done, (ulong)(destination.Length - done), (ulong)done);
            if (copied <= 0)
                break;
            done += (int)copied;
        }

        Scratch.Span[..done].CopyTo(destination);
        return ErrorOf(copied);
    }

    public Errno Store(ulong address, ReadOnlySpan<byte> source)
    {
        source.CopyTo(Scratch.Span);
        int done = 0;
        while (done < source.Length)
        {
            long copied = _calls.Call(
                CallNumber.ReadAt, (ulong)Scratch.Descriptor, address + (ulong)done, (ulong)(source.Length - done), (ulong)done);
            if (copied <= 0)
                return ErrorOf(copied);
            done += (int)copied;
        }

        return Errno.None;
    }

    public MemoryFile CreateFile(ulong length) => new KernelFile(length);

    public IProgramMemory Fork() => new KernelMemory(new ChildSystemCalls());

    public IReadOnlyList<Mapping> GetMappings(AddressRange window)
    {
        const int nameBytes = 64;
        byte* name = stackalloc byte[nameBytes];
        var list = new List<Mapping>();
        for (ulong next = window.Start; next <= window.Last;)
        {
            var query = new MappingQuery
            {
                Size = (ulong)sizeof(MappingQuery),
                Flags = MappingQuery.CoveringOrNext,
                Address = next,
                NameBytes = nameBytes,
                Name = (ulong)name,
            };
            long result = _own.Call(CallNumber.Ioctl, (ulong)_maps, MappingQuery.Request, (ulong)&query);
            if (result < 0 || query.Start > window.Last)
                break;
            bool isFile = query.NameBytes > 0 && new ReadOnlySpan<byte>(name, (int)query.NameBytes).StartsWith("/memfd"u8);
            ulong start = Math.Max(query.Start, window.Start);
            list.Add(new Mapping
            {
                Range = new AddressRange(start, Math.Min(query.End - 1, window.Last)),
                Protection = (Protection)(query.MappingFlags & 7),
                IsShared = (query.MappingFlags & MappingQuery.IsShared) != 0,
                Backing = isFile ? MappingBacking.File : MappingBacking.Anonymous,
                FileOffset = isFile ? query.Offset + (start - query.Start) : 0,
            });
            next = query.End;
        }

        return list;
    }

    public string? FindUnannounced(AddressRange window) => null;

    public void Dispose()
    {
        _own.Call(CallNumber.Close, (ulong)_maps, 0, 0, 0, 0, 0);
        _calls.Dispose();
    }

    private static Errno ErrorOf(long result) => result < 0 ? (Errno)(-result) : Errno.None;

    private static Errno AddressOrError(long result, out ulong mapped)
    {
        mapped = result < 0 ? 0 : (ulong)result;
        return ErrorOf(result);
    }
}
