using System.Diagnostics;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>A round that takes too long gives way to a verification, which finds what it has left undone.</summary>
[Collection(PtraceGroup.Name)]
public class WorkLimitTests
{
    private const int Mappings = 500;

    [Fact]
    public void The_default_never_ends() => Assert.False(default(WorkLimit).IsOver);

    [Fact]
    public void It_ends_at_its_time_and_at_the_signal()
    {
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        Assert.True(new WorkLimit(clock, TimeSpan.Zero, stop.Token).IsOver);
        var later = new WorkLimit(clock, TimeSpan.FromHours(1), stop.Token);
        Assert.False(later.IsOver);
        Assert.False(new WorkLimit(clock, null, stop.Token).IsOver);
        stop.Cancel();
        Assert.True(later.IsOver);
    }

    [Fact]
    public void A_round_that_is_over_leaves_pages_to_the_freeze_and_the_freeze_copies_them_all()
    {
        using var target = new NativeTarget("many_mappings");
        using var mirrored = new LaunchedMirror(target.Program, $"{Mappings}", "10");
        var over = new WorkLimit(Stopwatch.StartNew(), TimeSpan.Zero, CancellationToken.None);
        long held = mirrored.Mirror.PagesHeld;
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Assert.True(mirrored.Mirror.CatchUp(MemorySharing.Unknown, isFrozen: false, over));
                return mirrored.Watch.Mappings.Count > Mappings * 2;
            },
            TimeSpan.FromSeconds(60)));
        Assert.True(mirrored.Mirror.PagesHeld <= held, "A round that was over has copied.");

        using FrozenProcesses frozen = mirrored.Freeze();
        Assert.True(mirrored.Mirror.CatchUp(MemorySharing.Unknown, isFrozen: true));
        Assert.True(mirrored.Mirror.PagesHeld >= Mappings / 2);
        Comparison comparison = mirrored.Mirror.Compare();
        Assert.Equal(0, comparison.Differing);
        Assert.Equal(mirrored.Mirror.PagesHeld, comparison.Compared);
    }
}
