using MmuNotifier.Processes;

namespace MmuNotifier.FaultInjection;

/// <summary>Takes the core of a process.</summary>
internal sealed class CoreOperation(string program) : TargetOperation(program)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-injected-core").FullName;

    internal override string Name => "core";

    protected override string? RunOn(Injector injector, FaultCase? faultCase)
    {
        string path = Path.Combine(_folder, "core");
        File.Delete(path);
        injector.Arm(faultCase);
        try
        {
            using var watcher = new ProcessWatcher();
            var options = new CoreOptions { MaxStop = TimeSpan.FromSeconds(20), AlwaysThrottles = true };
            using var tree = new CoreTree(watcher, options, path, hasNames: true, withChildren: false, () => { });
            List<CoreResult> results = tree.Take(Target.ProcessId);
            using (CoreFile copy = CoreFile.Create(path + ".1")) // As --every makes them.
            {
                tree.Members[0].File.CopyTo(copy, () => { });
                copy.Publish();
            }

            tree.Members[0].File.Publish();
            injector.Disarm();
            return results[0].Report.Threads > 0 && File.Exists(path) ? null : "wrong report: there is no core, or no thread in it";
        }
        catch (Exception refusal) when (refusal is ProcessAttachException or CoreException)
        {
            injector.Disarm();
            return File.Exists(path) ? "a core is there although it is said not to be" : CheckMessage(refusal.Message);
        }
        finally
        {
            injector.Disarm();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (string file in Directory.GetFiles(_folder))
            File.Delete(file);
    }
}
