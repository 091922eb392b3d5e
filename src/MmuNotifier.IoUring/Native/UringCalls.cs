using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.IoUring.Native;

/// <summary>
/// The system calls of io_uring. The C library has no names for them; each answers a result that is not negative, or the error negated.
/// </summary>
internal static unsafe partial class UringCalls
{
    internal const uint UpdateBuffers = 16;
    internal const uint RegisterBuffers = 15;
    internal const uint UnregisterBuffers = 1;
    internal const uint WaitForCompletions = 1;

    private const int Interrupted = 4;

    /// <summary>How often a call is made again that signals interrupt.</summary>
    private const int MaxInterruptions = 1000;

    private const nint SetupNumber = 425;
    private const nint EnterNumber = 426;
    private const nint RegisterNumber = 427;

    internal static long Setup(uint entries, UringParameters* parameters) =>
        FaultInjection.Fails("io_uring_setup", out long fault) ? fault : OrError(SetupCall(SetupNumber, entries, parameters));

    /// <summary>Not restarted after a signal: some entries may have been submitted.</summary>
    internal static long Enter(SafeFileHandle ring, uint submitted, uint awaited, uint flags) =>
        FaultInjection.Fails("io_uring_enter", out long fault)
            ? fault
            : OrError(EnterCall(EnterNumber, ring, submitted, awaited, flags, 0, 0));

    internal static long Register(SafeHandle ring, uint operation, void* argument, uint count)
    {
        long result;
        int interruptions = 0;
        do
        {
            result = FaultInjection.Fails("io_uring_register", out long fault)
                ? fault
                : OrError(RegisterCall(RegisterNumber, ring, operation, argument, count));
        }
        while (result == -Interrupted && ++interruptions < MaxInterruptions);
        return result;
    }

    internal static nint Map(nuint length, SafeFileHandle ring, long offset) =>
        FaultInjection.FailsWithErrno("mmap") ? -1 : MapCall(0, length, 3, 0x8001, ring, offset);

    internal static void Unmap(nint address, nuint length) => _ = UnmapCall(address, length);

    private static long OrError(long result) => result == -1 ? -Marshal.GetLastPInvokeError() : result;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SetupCall(nint number, uint entries, UringParameters* parameters);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint EnterCall(
        nint number, SafeFileHandle ring, uint submitted, uint awaited, uint flags, nint mask, nint maskBytes);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint RegisterCall(nint number, SafeHandle ring, uint operation, void* argument, uint count);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapCall(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapCall(nint address, nuint length);
}
