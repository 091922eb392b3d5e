using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>The .NET heaps of the processes whose cores are taken, and whether a stop meets a moment at which they can be walked.</summary>
internal sealed class ManagedHeaps
{
    /// <summary>In a storm of collections one of some thirty stops meets one.</summary>
    private const int MaxStopsForCollection = 10;

    /// <summary>In a storm of allocations two of three stops meet one.</summary>
    private const int MaxStopsForAllocation = 50;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly Dictionary<WatchedProcess, GarbageCollectorState> _collectors = [];
    private readonly Dictionary<WatchedProcess, string> _unknown = [];
    private int _duringCollection;
    private int _duringAllocation;

    /// <summary>Begins a core: earlier stops do not count.</summary>
    internal void Begin() => (_duringCollection, _duringAllocation) = (0, 0);

    /// <summary>Looks for the runtime of a process, unless it is known.</summary>
    internal void Find(WatchedProcess watch)
    {
        if (_collectors.ContainsKey(watch))
            return;
        List<ProcessMapping> mappings = watch.Mappings.ConvertAll(each => each.Mapping);
        if (GarbageCollectorState.Find(watch.MemoryId, mappings, out string? whyUnknown) is { } found)
            _collectors[watch] = found;
        else if (whyUnknown is not null)
            _unknown[watch] = whyUnknown;
    }

    internal void Forget(WatchedProcess watch)
    {
        _collectors.Remove(watch);
        _unknown.Remove(watch);
    }

    /// <summary>So that the stop, which follows at once, does not meet a collection; it hardly ever does then.</summary>
    internal void WaitForGoodMoment(Action checkpoint)
    {
        long begin = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (!_collectors.Values.All(IsGoodMoment) && Stopwatch.GetElapsedTime(begin) < LongestWait)
        {
            checkpoint();
            spin.SpinOnce();
        }
    }

    /// <summary>
    /// Whether the stop is in vain because a heap cannot be walked, or perhaps cannot. After so many stops it is not: the report says then
    /// which moment it was.
    /// </summary>
    /// <exception cref="TargetChangedException">A process was killed meanwhile.</exception>
    internal bool IsStopInVain(FrozenProcesses frozen)
    {
        if (_duringCollection < MaxStopsForCollection && !_collectors.Values.All(IsWalkable))
        {
            _duringCollection++;
            return true;
        }

        if (_duringAllocation < MaxStopsForAllocation && _collectors.Keys.Any(watch => MayAllocate(watch, frozen)))
        {
            _duringAllocation++;
            return true;
        }

        return false;
    }

    /// <summary>At which moment a process is stopped, for the report; null if it has no .NET runtime.</summary>
    /// <exception cref="TargetChangedException">The process was killed meanwhile.</exception>
    internal string? Describe(WatchedProcess watch, FrozenProcesses frozen)
    {
        if (_unknown.TryGetValue(watch, out string? whyUnknown))
            return $"it is not known whether in a garbage collection: {whyUnknown}";
        if (!_collectors.TryGetValue(watch, out GarbageCollectorState? collector))
            return null;
        if (!collector.TryRead(out HeapMoment moment) || !moment.IsWalkable)
            return "in the middle of a garbage collection, so that the heap cannot be walked";
        string perhaps = MayAllocate(watch, frozen) ? ", perhaps while an object was being made" : "";
        return (IsSwept(moment) ? "while a background garbage collection swept" : "outside a garbage collection") + perhaps;
    }

    private static bool MayAllocate(WatchedProcess watch, FrozenProcesses frozen) =>
        ManagedAllocation.MayBeUnderWay(frozen.ReadRegisters(watch.ProcessId), watch.Mappings.Select(each => each.Mapping));

    private static bool IsWalkable(GarbageCollectorState collector) => collector.TryRead(out HeapMoment moment) && moment.IsWalkable;

    private static bool IsGoodMoment(GarbageCollectorState collector) =>
        collector.TryRead(out HeapMoment moment) && moment.IsWalkable && !IsSwept(moment);

    private static bool IsSwept(HeapMoment moment) => moment.Phase == CollectorPhase.PlanningOrSweeping;
}
