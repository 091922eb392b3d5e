using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.ManagedRuntime;

public class GarbageCollectorStateTests
{
    [Fact]
    public void The_heap_of_a_process_that_collects_all_the_time_is_seen_walkable_and_not()
    {
        string folder = AppContext.BaseDirectory.Replace(
            "MmuNotifier.Processes.Tests", Path.Combine("Targets", "BusyCollector"), StringComparison.Ordinal);
        using Process target = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(folder, "BusyCollector.dll"), "1000"]) { RedirectStandardOutput = true })!;
        try
        {
            GarbageCollectorState? state = null;
            Patience.Until(() => (state = GarbageCollectorState.Find(target.Id, Mappings(target.Id), out _)) is not null, "found");
            Patience.Until(() => state!.TryRead(out HeapMoment moment) && !moment.IsWalkable, "not walkable");
            Patience.Until(() => state!.TryRead(out HeapMoment moment) && moment.IsWalkable, "walkable");
            target.Kill();
            target.WaitForExit();
            Assert.False(state!.TryRead(out _));
        }
        finally
        {
            target.Kill();
        }
    }

    [Fact]
    public void A_process_without_the_runtime_has_none()
    {
        using Process sleeper = Process.Start("sleep", ["1000"]);
        try
        {
            Assert.Null(GarbageCollectorState.Find(sleeper.Id, Mappings(sleeper.Id), out string? whyUnknown));
            Assert.Null(whyUnknown);
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
        }
    }

    [Fact]
    public void Variables_that_are_not_in_writable_memory_are_refused()
    {
        List<ProcessMapping> readOnly =
            [.. Mappings(Environment.ProcessId).Select(mapping => mapping with { Protection = MappingProtection.Read })];

        Assert.Null(GarbageCollectorState.Find(Environment.ProcessId, readOnly, out string? whyUnknown));
        Assert.Equal("the collector's table for debuggers has values that cannot be right", whyUnknown);
    }

    private static List<ProcessMapping> Mappings(int processId)
    {
        var mappings = new List<ProcessMapping>();
        using ProcessMaps maps = ProcessMaps.Open(processId, new MappingNameCache(), out _)!;
        Assert.Equal(Errno.None, maps.Read(mappings));
        return mappings;
    }
}
