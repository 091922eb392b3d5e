using System.Runtime.InteropServices;

namespace MmuNotifier.Linux.Tests.Ptrace;

internal static partial class Tools
{
    internal const int SigKill = 9, SigCont = 18, SigStop = 19, SigRealTime = 34;

    internal static bool IsRoot => Environment.IsPrivilegedProcess;

    internal static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    internal static void Signal(int processId, int signal) => Assert.Equal(0, Kill(processId, signal));

    /// <summary>Waits until something holds; fails after five seconds.</summary>
    internal static void Until(Func<bool> condition, string what)
    {
        for (int i = 0; i < 1000; i++)
        {
            if (condition())
                return;
            Thread.Sleep(5);
        }

        Assert.Fail("did not happen: " + what);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
