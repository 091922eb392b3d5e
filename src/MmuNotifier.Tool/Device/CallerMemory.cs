using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MmuNotifier.Hmm.Drivers.Mirroring;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// What a request's pointers point to: the memory of the process that makes it (<c>copy_from_user</c>, <c>copy_to_user</c>).
/// </summary>
/// <param name="processId">The process.</param>
/// <param name="memory">Its memory; null if the request is for the memory of another process.</param>
internal sealed class CallerMemory(int processId, RemoteMemory? memory) : IUserMemory
{
    public Errno Read(ulong address, Span<byte> destination)
    {
        if (destination.IsEmpty)
            return Errno.None;
        if (address + (ulong)destination.Length - 1 < address)
            return Errno.BadAddress;
        return ProcessMemory.Read(processId, address, destination) == destination.Length ? Errno.None : Errno.BadAddress;
    }

    public Errno Write(ulong address, ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            return Errno.None;
        if (address + (ulong)source.Length - 1 < address)
            return Errno.BadAddress;
        // A process that ends in the middle of its request leaves its number to another.
        if (memory?.IsAlive == false)
            return Errno.NoProcess;
        return ProcessMemory.Write(processId, address, source) == source.Length ? Errno.None : Errno.BadAddress;
    }

    internal Errno Read<T>(ulong address, out T value)
        where T : unmanaged
    {
        value = default;
        return Read(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
    }

    internal Errno Write<T>(ulong address, in T value)
        where T : unmanaged => Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref Unsafe.AsRef(in value))));
}
