using MmuNotifier.Processes;

namespace MmuNotifier.FaultInjection;

/// <summary>Attaches, refreshes, freezes, lets go.</summary>
internal sealed class AttachOperation(string program) : TargetOperation(program)
{
    private static readonly TimeSpan FreezeLimit = TimeSpan.FromSeconds(2);

    internal override string Name => "attach";

    protected override string? RunOn(Injector injector, FaultCase? faultCase)
    {
        injector.Arm(faultCase);
        try
        {
            using var watcher = new ProcessWatcher();
            WatchedProcess watch = watcher.Attach(Target.ProcessId);
            watch.Refresh(MemorySharing.Unknown);
            watch.Refresh(watcher.SurveySharing([watch]));
            using (FrozenProcesses frozen = watcher.Freeze([watch], FreezeLimit))
            {
                if (frozen.Failure is null && frozen.Watches.Count == 1)
                    watch.Refresh(MemorySharing.Unknown);
            }

            watcher.Release(watch);
            return null;
        }
        catch (ProcessAttachException refusal)
        {
            return CheckMessage(refusal.Message);
        }
        finally
        {
            injector.Disarm();
        }
    }
}
