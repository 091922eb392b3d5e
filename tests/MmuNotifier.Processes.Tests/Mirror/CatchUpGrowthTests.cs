using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>
/// The work in a freeze depends on what has changed, not on how many mappings there are. Counts, not times: those are in bench/.
/// </summary>
[Collection(PtraceGroup.Name)]
public class CatchUpGrowthTests
{
    private const int Written = 20;

    /// <summary>Regions that the kernel hands out in one scan at least.</summary>
    private const int RegionsPerScan = 512;

    /// <summary>Stack, C library and the like, which a program touches now and then.</summary>
    private const int Others = 8;

    [Theory]
    [InlineData(200)]
    [InlineData(2000)]
    public void Of_many_mappings_only_the_written_ones_are_worked_on(int mappings)
    {
        using var target = new NativeTarget("many_mappings");
        using var mirrored = new LaunchedMirror(target.Program, $"{mappings}", $"{Written}");
        mirrored.CatchUpTo(mappings);
        using FrozenProcesses frozen = mirrored.Freeze();
        Counts before = Counts.Of(mirrored);
        Assert.True(mirrored.Mirror.CatchUp(MemorySharing.Unknown, isFrozen: true));
        Counts work = Counts.Of(mirrored) - before;

        Assert.InRange(work.LinesParsed, 0, Others);
        Assert.InRange(work.Registrations, 0, Others);
        Assert.InRange(work.Faults, 0, Written + Others);
        Assert.InRange(work.Scans, 1, Written + Others + 2 + ((mappings + 100) / RegionsPerScan));
        Assert.Equal(0, mirrored.Mirror.Compare().Differing);
    }

    [Fact]
    public void The_second_catch_up_of_a_freeze_reads_no_mappings()
    {
        using var target = new NativeTarget("many_mappings");
        using var mirrored = new LaunchedMirror(target.Program, "100", "1");
        mirrored.CatchUpTo(100);
        using FrozenProcesses frozen = mirrored.Freeze();
        Assert.True(mirrored.Mirror.CatchUp(MemorySharing.Unknown, isFrozen: true));
        Counts before = Counts.Of(mirrored);
        Assert.True(mirrored.Mirror.CatchUp(MemorySharing.Unknown, isFrozen: true));
        Counts work = Counts.Of(mirrored) - before;

        Assert.Equal(0, work.LinesParsed);
        Assert.InRange(work.Faults, 0, Others);
        Assert.InRange(work.Scans, 1, 2);
    }

    private readonly record struct Counts(long LinesParsed, long Registrations, long Scans, long Faults)
    {
        internal static Counts Of(LaunchedMirror mirrored) => new(
            mirrored.Watch.Counters.LinesParsed,
            mirrored.Watch.Counters.Registrations,
            mirrored.Watch.PageMap.Scans,
            mirrored.Mirror.Faults);

        public static Counts operator -(Counts left, Counts right) => new(
            left.LinesParsed - right.LinesParsed,
            left.Registrations - right.Registrations,
            left.Scans - right.Scans,
            left.Faults - right.Faults);
    }
}
