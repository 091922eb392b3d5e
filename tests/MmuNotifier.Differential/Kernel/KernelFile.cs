using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>A memfd, by system calls alone.</summary>
internal sealed unsafe class KernelFile : MemoryFile
{
    private const ulong KeepSizePunchHole = 3;
    private readonly DirectSystemCalls _calls = new();

    internal KernelFile(ulong length)
    {
        ReadOnlySpan<byte> name = "differential\0"u8;
        fixed (byte* pointer = name)
            Descriptor = (int)_calls.Call(CallNumber.CreateMemoryFile, (ulong)pointer, 1, 0, 0, 0, 0);
        if (Descriptor < 0 || Truncate(length) != Errno.None)
            throw new InvalidOperationException("No memfd.");
    }

    internal int Descriptor { get; }

    public override ulong Length
    {
        get
        {
            const ulong seekEnd = 2;
            const int seek = 8;
            return (ulong)_calls.Call(seek, (ulong)Descriptor, 0, seekEnd, 0, 0, 0);
        }
    }

    public override Errno Truncate(ulong length) => ErrorOf(_calls.Call(CallNumber.Truncate, (ulong)Descriptor, length, 0, 0, 0, 0));

    public override Errno PunchHole(ulong offset, ulong length) =>
        ErrorOf(_calls.Call(CallNumber.Allocate, (ulong)Descriptor, KeepSizePunchHole, offset, length, 0, 0));

    public override int Read(ulong offset, Span<byte> destination)
    {
        fixed (byte* pointer = destination)
            return (int)_calls.Call(CallNumber.ReadAt, (ulong)Descriptor, (ulong)pointer, (ulong)destination.Length, offset, 0, 0);
    }

    public override Errno Write(ulong offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* pointer = source)
            return ErrorOf(_calls.Call(CallNumber.WriteAt, (ulong)Descriptor, (ulong)pointer, (ulong)source.Length, offset, 0, 0));
    }

    protected override void Dispose(bool disposing) => _calls.Call(CallNumber.Close, (ulong)Descriptor, 0, 0, 0, 0, 0);

    private static Errno ErrorOf(long result) => result < 0 ? (Errno)(-result) : Errno.None;
}
