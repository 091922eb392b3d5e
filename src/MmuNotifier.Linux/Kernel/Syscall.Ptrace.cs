using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>System calls used to stop another process and to act inside it.</summary>
/// <remarks>
/// <c>ptrace</c> goes through <c>syscall(2)</c>: the C library's wrapper gives the PEEK requests another calling convention.
/// </remarks>
internal static unsafe partial class Syscall
{
    private const nint PtraceNumber = 101;
    private const nint TgkillNumber = 234;

    /// <summary>One request, not restarted.</summary>
    internal static Errno Ptrace(nint request, int threadId, nint address, nint data) => ErrorOf(
        FailsPtrace(request, out long fault) ? fault : OrError(SystemCall(PtraceNumber, request, threadId, address, data, 0)));

    /// <summary>Sends a signal to one thread.</summary>
    internal static Errno Tgkill(int processId, int threadId, int signal) =>
        ErrorOf(FailsCall(TgkillNumber, out long fault) ? fault : OrError(SystemCall(TgkillNumber, processId, threadId, signal, 0, 0)));

    /// <summary>waitid.</summary>
    internal static Errno WaitFor(int idType, int id, PtraceSigInfo* info, int options)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("waitid", out long fault) ? fault : OrError(WaitCall(idType, id, info, options));
        }
        while (result == -(int)Errno.Interrupted);
        return ErrorOf(result);
    }

    private static bool FailsPtrace(nint request, out long result)
    {
        result = 0;
        return FaultInjection.IsSupported && FaultInjection.Fails(NameOfPtrace(request), out result);
    }

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitCall(int idType, int id, PtraceSigInfo* info, int options);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    internal static partial int Yield();

    [LibraryImport("libc", EntryPoint = "usleep")]
    internal static partial int Sleep(uint microseconds);
}
