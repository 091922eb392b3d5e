namespace MmuNotifier.Processes;

/// <summary>
/// Ranges that the process is dropping by itself (madvise). The event comes before the pages go, and nothing tells when they have gone: a
/// page that is taken in between would come back after it was dropped. Used under the lock of the taken pages.
/// </summary>
internal sealed class PendingRemovals
{
    /// <summary>How long after its caller went on a removal is waited for, where nothing shows that it is over.</summary>
    internal const int LimitMilliseconds = 1000;

    private readonly List<Removal> _removals = [];

    /// <summary>The number of the newest removal.</summary>
    internal long Newest { get; private set; }

    /// <summary>The event of a removal was read.</summary>
    internal void Add(AddressRange range) => _removals.Add(new Removal(++Newest, range, Environment.TickCount64));

    /// <summary>A touch found the page missing: the removals of which the events were read before have dropped it.</summary>
    internal void NoteMissing(ulong address)
    {
        foreach (Removal removal in _removals)
        {
            if (removal.Range.Contains(address))
                removal.Dropped.Add(address);
        }
    }

    /// <summary>A caller has not gone on since its event: no removal counts as old.</summary>
    internal void Restart()
    {
        foreach (Removal removal in _removals)
            removal.Tick = Environment.TickCount64;
    }

    /// <summary>Whether a page of the range may still be dropped.</summary>
    internal bool Overlap(AddressRange range)
    {
        long now = Environment.TickCount64;
        _removals.RemoveAll(removal => now - removal.Tick > LimitMilliseconds);
        return _removals.Exists(removal => removal.Range.Overlaps(range));
    }

    /// <summary>Whether a page that the process has may still be dropped, by a removal that is newer than the number.</summary>
    internal bool MayDrop(ulong address, long after = 0) => _removals.Exists(
        removal => removal.Number > after && removal.Range.Contains(address) && !removal.Dropped.Contains(address));

    private sealed class Removal(long number, AddressRange range, long tick)
    {
        internal long Number { get; } = number;

        internal AddressRange Range { get; } = range;

        internal long Tick { get; set; } = tick;

        internal HashSet<ulong> Dropped { get; } = [];
    }
}
