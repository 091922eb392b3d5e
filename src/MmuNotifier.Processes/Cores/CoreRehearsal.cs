using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Takes a core of a small process of our own and throws it away, so that the runtime has compiled what runs while a process is stopped:
/// otherwise the process that is meant would wait for the compiler, some 100 ms.
/// </summary>
internal static class CoreRehearsal
{
    private const int SignalKill = 9;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    /// <summary>Does it, as far as it can be done: without it the stop is longer, and nothing else differs.</summary>
    internal static void Run(ProcessWatcher watcher)
    {
        try
        {
            // It waits for its gate to be opened, which never happens.
            using var shell = new GatedShell("/bin/true", [], ProgramStreams.Inherited);
            LaunchedProgram.NoteLaunched(shell.ProcessId);
            using ProcessDescriptor? process = ProcessDescriptor.Open(shell.ProcessId, out _);
            try
            {
                TakeCore(watcher, shell.ProcessId);
            }
            finally
            {
                End(process, shell.ProcessId);
            }
        }
        catch (Exception exception) when (exception is ProcessAttachException or CoreException)
        {
            // There is no shell, or no room for a file.
        }
    }

    private static void TakeCore(ProcessWatcher watcher, int processId)
    {
        using CoreFile file = CoreFile.CreateUnnamed(Path.GetTempPath());
        WatchedProcess watch = watcher.Attach(processId);
        var options = new CoreOptions { MaxStop = TimeSpan.FromSeconds(10), AlwaysThrottles = true };
        using var taking = new CoreTaking(watcher, options, () => { });
        try
        {
            taking.Add(watch, file);
            taking.Capture();
        }
        finally
        {
            watcher.Release(watch);
        }

        _ = taking.Finish();
    }

    private static void End(ProcessDescriptor? process, int processId)
    {
        if (process is null || process.SendSignal(SignalKill) != Errno.None)
            return;
        if (process.WaitForExit((int)EndLimit.TotalMilliseconds))
            _ = LaunchedProgram.Reap(processId);
    }
}
