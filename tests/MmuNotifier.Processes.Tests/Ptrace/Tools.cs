using System.Runtime.InteropServices;

namespace MmuNotifier.Processes.Tests.Ptrace;

internal static partial class Tools
{
    internal const int SigKill = 9, SigCont = 18, SigStop = 19, SigRealTime = 34;

    internal static bool IsRoot => Environment.IsPrivilegedProcess;

    internal static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    internal static void Signal(int processId, int signal) => Assert.Equal(0, Kill(processId, signal));

    /// <summary>It may end, and be reaped, at any moment before.</summary>
    internal static void KillIfRunning(int processId)
    {
        const int noProcess = 3;
        bool isSent = Kill(processId, SigKill) == 0;
        Assert.True(isSent || Marshal.GetLastPInvokeError() == noProcess, "the process cannot be killed");
    }

    /// <summary>False if as many signals wait as the user may have (EAGAIN), so that this one is not sent.</summary>
    internal static bool TrySignal(int processId, int signal)
    {
        const int again = 11;
        bool isSent = Kill(processId, signal) == 0;
        Assert.True(isSent || Marshal.GetLastPInvokeError() == again, "the signal cannot be sent");
        return isSent;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
