using System.Diagnostics;

namespace MmuNotifier.Processes.Tests.Cores;

internal static class SuddenDeath
{
    /// <summary>Kills a process; its memory is gone then.</summary>
    internal static void Of(int processId)
    {
        using (Process target = Process.GetProcessById(processId))
            target.Kill();
        Patience.Until(() => ProcFile.TextIfRunning(processId, "maps").Length == 0, "its memory is gone");
    }
}
