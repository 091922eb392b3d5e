using System.ComponentModel;
using System.Runtime.InteropServices;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Ptrace;

/// <summary>Reads and writes the memory of another process, with that process's own access rights.</summary>
internal static unsafe class TargetMemory
{
    /// <summary>Reads as many bytes as are readable without a gap, possibly none.</summary>
    internal static int Read(int processId, ulong address, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            PtraceIoVector local = new() { Base = (nint)start, Length = buffer.Length };
            PtraceIoVector remote = new() { Base = (nint)address, Length = buffer.Length };
            return Math.Max(0, (int)Syscall.PtraceVmRead(processId, &local, 1, &remote, 1, 0));
        }
    }

    internal static void ReadExactly(int processId, ulong address, Span<byte> buffer)
    {
        if (Read(processId, address, buffer) != buffer.Length)
            throw new IOException($"Cannot read {buffer.Length} bytes at {address:x} of process {processId}.");
    }

    internal static void Write(int processId, ulong address, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            PtraceIoVector local = new() { Base = (nint)start, Length = bytes.Length };
            PtraceIoVector remote = new() { Base = (nint)address, Length = bytes.Length };
            nint written = Syscall.PtraceVmWrite(processId, &local, 1, &remote, 1, 0);
            if (written == -1)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot write at {address:x} of process {processId}.");
            if (written != bytes.Length)
                throw new IOException($"Wrote {written} of {bytes.Length} bytes at {address:x} of process {processId}.");
        }
    }
}
