using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Processes.Tests.Cores;

internal static class SuddenDeath
{
    /// <summary>Kills a process; its memory is gone then.</summary>
    internal static void Of(int processId)
    {
        string maps = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/maps");
        using (Process target = Process.GetProcessById(processId))
            target.Kill();
        Patience.Until(() => !File.Exists(maps) || File.ReadAllText(maps).Length == 0, "its memory is gone");
    }
}
