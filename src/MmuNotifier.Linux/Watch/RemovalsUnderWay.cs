using System.Diagnostics;

namespace MmuNotifier.Linux;

/// <summary>
/// Removals of pages (MADV_DONTNEED, FREE, REMOVE) that may not be over. Their event comes before the pages go, and nothing tells when they
/// have gone.
/// </summary>
/// <remarks>
/// While the caller has not gone on after its event was read, the kernel refuses to protect pages (EAGAIN). So: protect as soon as it
/// agrees, wait for a while, then until no page is left that is protected from then. A page that somebody writes meanwhile loses the
/// protection although it is to be removed yet; for that the wait is much longer than the few instructions that are left to the caller.
/// Guarded by the watch's lock.
/// </remarks>
internal sealed class RemovalsUnderWay(UserfaultfdDescriptor userfaultfd, PageMap pages, OwnMappings mappings, Func<bool> isQuiet)
{
    private const int Capacity = 256;

    private readonly List<RemovalUnderWay> _removals = new(Capacity);
    private volatile int _count;

    /// <summary>For a look without the lock.</summary>
    internal bool IsEmpty => _count == 0;

    internal void Add(AddressRange range)
    {
        if (_removals.Count >= Capacity)
        {
            foreach (RemovalUnderWay removal in _removals)
                range = range.Hull(removal.Range);
        }

        // One that lies within the new one begins anew with it.
        for (int i = _removals.Count - 1; i >= 0; i--)
        {
            if (range.Contains(_removals[i].Range))
                _removals.RemoveAt(i);
        }

        _removals.Add(new RemovalUnderWay(range, Stopwatch.GetTimestamp(), 0));
        DropIfFinished(_removals.Count - 1);
        _count = _removals.Count;
    }

    /// <summary>Whether one may be under way in the range.</summary>
    internal bool Overlaps(AddressRange range)
    {
        bool found = false;
        for (int i = _removals.Count - 1; i >= 0; i--)
            found |= _removals[i].Range.Overlaps(range) && !DropIfFinished(i);
        _count = _removals.Count;
        return found;
    }

    /// <summary>Drops those that are over.</summary>
    internal void DropFinished()
    {
        for (int i = _removals.Count - 1; i >= 0; i--)
            DropIfFinished(i);
        _count = _removals.Count;
    }

    /// <returns>Whether it is over, and dropped from the list.</returns>
    private bool DropIfFinished(int index)
    {
        RemovalUnderWay removal = _removals[index];
        if (removal.MarkedAt == 0 && (removal.IsBlind ? isQuiet() : TryProtect(removal.Range, protect: true)))
            _removals[index] = removal = removal with { MarkedAt = Stopwatch.GetTimestamp() };
        if (!removal.IsOverdue && (!removal.MayBeOver || (!removal.IsBlind && IsAnyLeft(removal.Range))))
            return false;
        _removals.RemoveAt(index);
        // It may fail while an event is pending. What stays protected is so until its next write, and another removal protects all of it
        // anew.
        if (!removal.IsBlind)
            TryProtect(removal.Range, protect: false);
        return true;
    }

    /// <returns>False while the caller of the removal, or another one, has not gone on.</returns>
    private bool TryProtect(AddressRange range, bool protect)
    {
        UserfaultfdStatus status = userfaultfd.WriteProtect(range.Start, range.Last, protect).Status;
        if (status != UserfaultfdStatus.NotRegistered)
            return status != UserfaultfdStatus.EventPending;
        // Not all of it is mapped or registered any more: what is left of it.
        QueriedMapping? previous = null;
        while (mappings.TryNext(range, previous, out QueriedMapping mapping))
        {
            previous = mapping;
            ulong first = Math.Max(mapping.Start, range.Start);
            ulong last = Math.Min(mapping.Last, range.Last);
            if (userfaultfd.WriteProtect(first, last, protect).Status == UserfaultfdStatus.EventPending)
                return false;
        }

        return true;
    }

    private bool IsAnyLeft(AddressRange range)
    {
        DropBehaviour behaviour = mappings.DropBehaviourAt(range.Start);
        return pages.AnyStillProtected(range.Start, range.Last, behaviour, out ProtectionState state) != PageMapStatus.Complete
            || state != ProtectionState.NoneLeft;
    }
}
