namespace MmuNotifier.Linux;

/// <summary>Removals of pages of watched memory that may not be over. One of the whole space stands for lost events.</summary>
/// <remarks>
/// So: protect what is left of the pages as soon as the kernel agrees (the caller has resumed), wait for a while, then until no page is
/// left that is protected from then. A page that somebody writes or pins meanwhile loses the protection although it is to be removed yet;
/// for that there is the wait. Guarded by the watch's lock.
/// </remarks>
/// <param name="userfaultfd">That of the watch.</param>
/// <param name="pages">Of this process.</param>
/// <param name="mappings">Of this process.</param>
/// <param name="isQuiet">Whether no change is under way.</param>
/// <param name="noteProtected">Called after pages may have been protected: a look there does not find earlier writes any more.</param>
/// <param name="time">What it waits by.</param>
internal sealed class RemovalsUnderWay(
    UserfaultfdDescriptor userfaultfd,
    PageMap pages,
    OwnMappings mappings,
    Func<bool> isQuiet,
    Action<AddressRange> noteProtected,
    TimeProvider time)
{
    private readonly RemovalTracker<ValueTuple> _removals = new(RemovalLimits.OfWatches, time);
    private volatile int _count;

    /// <summary>For a look without the lock.</summary>
    internal bool IsEmpty => _count == 0;

    internal void Add(AddressRange range)
    {
        _removals.RemoveWithin(range);
        _removals.Add(range, default);
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
        AddressRange range = _removals[index].Range;
        bool isBlind = range == AddressRange.Whole;
        if (_removals[index].ResumedAt is null && (isBlind ? isQuiet() : TryProtectAndNote(range)))
            _removals.MarkResumedAt(index);
        if (!_removals.IsOverdue(index) && (!_removals.IsOver(index) || (!isBlind && IsAnyLeft(range))))
            return false;
        _removals.RemoveAt(index);

        // It may fail while an event is pending. What stays protected is so until its next write; another removal protects all of it again.
        if (!isBlind)
            TryProtect(range, protect: false);
        return true;
    }

    private bool TryProtectAndNote(AddressRange range)
    {
        bool isProtected = TryProtect(range, protect: true);
        noteProtected(range); // A part may be protected even if not all of it is.
        return isProtected;
    }

    /// <returns>False while the caller of the removal, or another one, has not resumed.</returns>
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
