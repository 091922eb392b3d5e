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
        FaultInjection.IsSupported && FaultInjection.FailsWithErrno(NameOfPtrace(request))
            ? -1
            : PtraceRaw(PtraceNumber, request, threadId, address, data);

    internal static int PidfdOpen(int processId) => (int)PtraceRawOrInjected(PidfdOpenNumber, processId, 0, 0, 0);

    internal static int PidfdGetfd(int pidfd, int targetDescriptor) => (int)PtraceRawOrInjected(PidfdGetfdNumber, pidfd, targetDescriptor, 0, 0);

    internal static int Tgkill(int processId, int threadId, int signal) => (int)PtraceRawOrInjected(TgkillNumber, processId, threadId, signal, 0);

    internal static int PtraceWait(int idType, int id, PtraceSigInfo* info, int options) =>
        FaultInjection.FailsWithErrno("waitid") ? -1 : WaitCall(idType, id, info, options);

    internal static nint PtraceVmRead(int processId, PtraceIoVector* local, nint localCount, PtraceIoVector* remote, nint remoteCount, nint flags) =>
        FaultInjection.FailsWithErrno("process_vm_readv") ? -1 : VmReadCall(processId, local, localCount, remote, remoteCount, flags);

    internal static nint PtraceVmWrite(int processId, PtraceIoVector* local, nint localCount, PtraceIoVector* remote, nint remoteCount, nint flags) =>
        FaultInjection.FailsWithErrno("process_vm_writev") ? -1 : VmWriteCall(processId, local, localCount, remote, remoteCount, flags);

    private static nint PtraceRawOrInjected(nint number, nint first, nint second, nint third, nint fourth) =>
        FaultInjection.IsSupported && FaultInjection.FailsWithErrno(NameOf(number)) ? -1 : PtraceRaw(number, first, second, third, fourth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint PtraceRaw(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitCall(int idType, int id, PtraceSigInfo* info, int options);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    private static partial nint VmReadCall(int processId, PtraceIoVector* local, nint localCount, PtraceIoVector* remote, nint remoteCount, nint flags);

    [LibraryImport("libc", EntryPoint = "process_vm_writev", SetLastError = true)]
    private static partial nint VmWriteCall(int processId, PtraceIoVector* local, nint localCount, PtraceIoVector* remote, nint remoteCount, nint flags);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    internal static partial int PtraceYield();

    [LibraryImport("libc", EntryPoint = "usleep")]
    internal static partial int PtraceSleep(uint microseconds);
}
