using System.Runtime.InteropServices;

namespace MmuNotifier.Linux.Native;

/// <summary>System calls used to stop another process and to act inside it.</summary>
/// <remarks>
/// <c>ptrace</c> goes through <c>syscall(2)</c>: the C library's wrapper gives the PEEK requests another calling convention.
/// </remarks>
internal static unsafe partial class Syscall
{
    private const nint PtraceNumber = 101;
    private const nint TgkillNumber = 234;
    private const nint PidfdOpenNumber = 434;
    private const nint PidfdGetfdNumber = 438;

    internal static nint Ptrace(nint request, int threadId, nint address, nint data) =>
        PtraceRaw(PtraceNumber, request, threadId, address, data);

    internal static int PidfdOpen(int processId) => (int)PtraceRaw(PidfdOpenNumber, processId, 0, 0, 0);

    internal static int PidfdGetfd(int pidfd, int targetDescriptor) => (int)PtraceRaw(PidfdGetfdNumber, pidfd, targetDescriptor, 0, 0);

    internal static int Tgkill(int processId, int threadId, int signal) => (int)PtraceRaw(TgkillNumber, processId, threadId, signal, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint PtraceRaw(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    internal static partial int PtraceWait(int idType, int id, PtraceSigInfo* info, int options);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    internal static partial nint PtraceVmRead(int processId, PtraceIoVector* local, nint localCount, PtraceIoVector* remote, nint remoteCount, nint flags);

    [LibraryImport("libc", EntryPoint = "process_vm_writev", SetLastError = true)]
    internal static partial nint PtraceVmWrite(int processId, PtraceIoVector* local, nint localCount, PtraceIoVector* remote, nint remoteCount, nint flags);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    internal static partial int PtraceYield();

    [LibraryImport("libc", EntryPoint = "usleep")]
    internal static partial int PtraceSleep(uint microseconds);
}
