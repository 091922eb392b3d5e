using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Reads and writes the memory of another process, with that process's own access rights, by the number of a thread that lives: that of a
/// main thread that has ended names no memory any more. Unlike <see cref="ProcessMemory"/> it makes one call and looks for no other
/// thread.
/// </summary>
internal static unsafe class TargetMemory
{
    /// <summary>Reads as many bytes as are readable without a gap, possibly none.</summary>
    internal static int Read(int threadId, ulong address, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var local = new IoVector((ulong)start, (ulong)buffer.Length);
            var remote = new IoVector(address, (ulong)buffer.Length);
            return (int)Math.Max(0, Syscall.ReadProcess(threadId, &local, 1, &remote, 1));
        }
    }

    internal static void ReadExactly(int threadId, ulong address, Span<byte> buffer)
    {
        if (Read(threadId, address, buffer) != buffer.Length)
            throw new TargetChangedException($"Cannot read {buffer.Length} bytes at {address:x} of thread {threadId}.");
    }

    internal static void Write(int threadId, ulong address, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var local = new IoVector((ulong)start, (ulong)bytes.Length);
            var remote = new IoVector(address, (ulong)bytes.Length);
            long written = Syscall.WriteProcess(threadId, &local, 1, &remote, 1);
            if (written < 0)
            {
                string error = Marshal.GetPInvokeErrorMessage((int)Syscall.ErrorOf(written));
                throw new TargetChangedException($"Cannot write at {address:x} of thread {threadId}: {error}.");
            }

            if (written != bytes.Length)
                throw new TargetChangedException($"Wrote {written} of {bytes.Length} bytes at {address:x} of thread {threadId}.");
        }
    }
}
