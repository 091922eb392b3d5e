using System.Diagnostics;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

[Collection(PtraceGroup.Name)]
public class ComparisonTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_single_wrong_bit_is_found(bool keepsBytes)
    {
        using var watcher = new ProcessWatcher();
        using LaunchedProgram program = watcher.Launch("sleep", ["30"], ProgramStreams.OutputToError, out WatchedProcess watch);
        using var mirror = new ProcessMirror(watch, "sleep", "launched", keepsBytes);
        Assert.True(mirror.CatchUp(MemorySharing.Unknown, isFrozen: false));
        program.Stopped.Release();
        Patience.Until(() => ProcessStatus.ReadWithoutStart(program.ProcessId)?.State == 'S', "the program sleeps");

        using (FrozenProcesses frozen = watcher.Freeze([watch], Patience.Limit))
        {
            Assert.Null(frozen.Failure);
            Assert.True(mirror.CatchUp(MemorySharing.Unknown, isFrozen: true));
            Comparison right = mirror.Compare();
            Assert.Equal(0, right.Differing);
            Assert.True(right.Compared > 50);

            mirror.Corrupt();
            Comparison wrong = mirror.Compare();
            Assert.Equal(1, wrong.Differing);
            Assert.Single(mirror.Differences);
        }

        watcher.Release(watch);
    }

    [Fact]
    public void A_freeze_stops_copying_at_its_limit_and_compares_what_there_is()
    {
        using var watcher = new ProcessWatcher();
        using LaunchedProgram program = watcher.Launch("sleep", ["30"], ProgramStreams.OutputToError, out WatchedProcess watch);
        using var mirror = new ProcessMirror(watch, "sleep", "launched") { LeastPagesPerFreeze = 20 };
        program.Stopped.Release();
        Patience.Until(() => ProcessStatus.ReadWithoutStart(program.ProcessId)?.State == 'S', "the program sleeps");

        var limitThatIsOver = new WorkLimit(Stopwatch.StartNew(), TimeSpan.Zero, CancellationToken.None);
        using (FrozenProcesses frozen = watcher.Freeze([watch], Patience.Limit))
        {
            Assert.Null(frozen.Failure);
            Assert.True(mirror.CatchUp(MemorySharing.Unknown, isFrozen: true, limitThatIsOver));
            long left = mirror.PagesLeft;
            Assert.True(left > 0);
            Comparison first = mirror.Compare();
            Assert.Equal(0, first.Differing);
            Assert.True(first.Compared >= 20, $"{first.Compared} pages were compared, and {left} left.");

            Assert.True(mirror.CatchUp(MemorySharing.Unknown, isFrozen: true));
            Assert.Equal(0, mirror.PagesLeft);
            Comparison second = mirror.Compare();
            Assert.Equal(0, second.Differing);
            Assert.True(second.Compared > first.Compared);
        }

        watcher.Release(watch);
    }
}
