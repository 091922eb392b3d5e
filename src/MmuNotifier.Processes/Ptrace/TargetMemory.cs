using System.Runtime.InteropServices;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Processes.Ptrace;

/// <summary>
/// Reads and writes the memory of another process, with that process's own access rights, by the number of a thread that lives: that of a
/// main thread that has ended names no memory any more.
/// </summary>
internal static unsafe class TargetMemory
{
    /// <summary>Reads as many bytes as are readable without a gap, possibly none.</summary>
    internal static int Read(int threadId, ulong address, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            PtraceIoVector local = new() { Base = (nint)start, Length = buffer.Length };
            PtraceIoVector remote = new() { Base = (nint)address, Length = buffer.Length };
            return Math.Max(0, (int)Syscall.PtraceVmRead(threadId, &local, 1, &remote, 1, 0));
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
            PtraceIoVector local = new() { Base = (nint)start, Length = bytes.Length };
            PtraceIoVector remote = new() { Base = (nint)address, Length = bytes.Length };
            nint written = Syscall.PtraceVmWrite(threadId, &local, 1, &remote, 1, 0);
            if (written == -1)
            {
                string error = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
                throw new TargetChangedException($"Cannot write at {address:x} of thread {threadId}: {error}.");
            }

            if (written != bytes.Length)
                throw new TargetChangedException($"Wrote {written} of {bytes.Length} bytes at {address:x} of thread {threadId}.");
        }
    }
}
