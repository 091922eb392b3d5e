using MmuNotifier.Hmm.Drivers.Mirroring;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>A buffer that is not in the mirrored memory; its addresses begin at 0.</summary>
internal sealed class ArrayUserMemory(byte[] bytes) : IUserMemory
{
    public Errno Read(ulong address, Span<byte> destination)
    {
        if (address + (ulong)destination.Length > (ulong)bytes.Length)
            return Errno.BadAddress;
        bytes.AsSpan((int)address, destination.Length).CopyTo(destination);
        return Errno.None;
    }

    public Errno Write(ulong address, ReadOnlySpan<byte> source)
    {
        if (address + (ulong)source.Length > (ulong)bytes.Length)
            return Errno.BadAddress;
        source.CopyTo(bytes.AsSpan((int)address));
        return Errno.None;
    }
}
