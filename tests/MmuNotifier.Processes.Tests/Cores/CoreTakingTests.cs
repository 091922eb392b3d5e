using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Cores;

[Collection(PtraceGroup.Name)]
public sealed class CoreTakingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-taking").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What such a stop copied waits in memory; the next rounds copy newer content, and the core must have that.</summary>
    [Fact]
    public void A_stop_that_came_to_nothing_leaves_no_old_content_in_the_core()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using PythonChild child = PythonChild.StartBehindShell();
        ulong address = child.Address("anon(4096)");
        child.Call($"write({address}, 1)");
        int writes = 0;
        bool hasFailed = false;
        void AfterStep(string step)
        {
            if (step == "copy" && !hasFailed)
            {
                hasFailed = true;
                throw new TargetChangedException("a test");
            }

            if (step == "read mappings" && hasFailed && writes == 1)
            {
                writes++;
                child.Call($"write({address}, 3)");
            }
        }

        bool WriteBeforeTheFirstStop()
        {
            if (writes == 0)
                child.Call($"write({address}, 2)");
            writes = Math.Max(writes, 1);
            return false;
        }

        string path = Path.Combine(_folder, "core");
        using var watcher = new ProcessWatcher { AfterStep = AfterStep };
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { }) { AddMissing = WriteBeforeTheFirstStop };
        CoreFile file = CoreFile.Create(path);
        taking.Add(watch, file);
        taking.Capture();
        watcher.Release(watch);
        CoreResult result = Assert.Single(taking.Finish());
        file.Publish();

        Assert.Equal((2, 2), (result.Stops, writes));
        Assert.Equal([3], new ElfFile(File.ReadAllBytes(path)).Read(address, 1)!);
    }
}
