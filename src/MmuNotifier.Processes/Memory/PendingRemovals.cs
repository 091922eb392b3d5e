using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Ranges that the process is dropping by itself (madvise): a page that is taken before it is dropped would come back afterwards. Used
/// under the lock of the taken pages.
/// </summary>
internal sealed class PendingRemovals(TimeProvider time)
{
    /// <summary>With each, the pages that it is known to have dropped.</summary>
    private readonly RemovalTracker<HashSet<ulong>> _removals = new(RemovalLimits.OfRemoteMoves, time);

    /// <summary>The number of the newest removal.</summary>
    internal long Newest => _removals.Newest;

    /// <summary>
    /// The event of a removal was read. Its caller counts as resumed until <see cref="MarkBlocked"/> says otherwise.
    /// </summary>
    internal void Add(AddressRange range)
    {
        if (_removals.IsFull)
            _removals.RemoveOver();
        _removals.Add(range, []);
        _removals.MarkResumed(Newest);
    }

    /// <summary>A touch found the page missing: the removals of which the events were read before have dropped it.</summary>
    internal void NoteMissing(ulong address)
    {
        for (int i = 0; i < _removals.Count; i++)
        {
            if (_removals[i].Range.Contains(address))
                _removals[i].State.Add(address);
        }
    }

    /// <summary>A caller has not resumed since its event was read: all are waited for from the next time on that none is blocked.</summary>
    internal void MarkBlocked() => _removals.MarkBlocked();

    /// <summary>No caller was blocked at a moment after <see cref="Newest"/> was asked.</summary>
    internal void MarkResumed(long newest) => _removals.MarkResumed(newest);

    /// <summary>
    /// Whether a page of the range may still be dropped. Call <see cref="MarkBlocked"/> or <see cref="MarkResumed"/> first: a removal
    /// whose time is over is forgotten here.
    /// </summary>
    internal bool Overlaps(AddressRange range)
    {
        _removals.RemoveOver();
        return _removals.Overlaps(range);
    }

    /// <summary>Whether any page of the range may still be dropped, by a removal that is newer than the number.</summary>
    internal bool MayDropAny(AddressRange range, long after = 0)
    {
        for (int i = 0; i < _removals.Count; i++)
        {
            if (_removals[i].Number > after && _removals[i].Range.Overlaps(range))
                return true;
        }

        return false;
    }

    /// <summary>Whether a page that the process has may still be dropped, by a removal that is newer than the number.</summary>
    internal bool MayDrop(ulong address, long after = 0)
    {
        for (int i = 0; i < _removals.Count; i++)
        {
            ref readonly Removal<HashSet<ulong>> removal = ref _removals[i];
            if (removal.Number > after && removal.Range.Contains(address) && !removal.State.Contains(address))
                return true;
        }

        return false;
    }
}
