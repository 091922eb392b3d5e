using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Events, on the event reader's thread.</content>
internal sealed partial class WatchedProcess
{
    private const int EventsPerRead = 64;

    private const int MaxDoubtfulRanges = 256;

    /// <summary>Turns every event that waits into an invalidation; does not wait for more.</summary>
    internal void HandleEvents()
    {
        while (!_isClosed && HasEvent())
        {
            Fence.Enter();
            try
            {
                int count = _userfaultfd.ReadEvents(_events, out Errno error);
                foreach (ref readonly UserfaultEvent userfaultEvent in _events.AsSpan(0, count))
                    Apply(in userfaultEvent);
                if (error is not (Errno.None or Errno.Again))
                    throw new InvalidOperationException($"Reading the events of process {ProcessId} failed with error {(int)error}.");
            }
            finally
            {
                Fence.Leave();
                ReleaseChildren();
            }
        }
    }

    /// <summary>
    /// Ends the invalidations of removals that have taken effect: no page is left there that is protected from before. One that takes too
    /// long (MADV_FREE only marks pages, and they may stay) is ended all the same, and its range remembered as doubtful until the target
    /// is stopped, when no removal can be half-way.
    /// </summary>
    /// <returns>Whether any is left.</returns>
    internal bool EndRemovals()
    {
        for (int i = _pendingRemovals.Count - 1; i >= 0; i--)
        {
            AddressRange range = _pendingRemovals[i].Range;
            PageMapStatus status = _pageMap.AnyStillProtected(
                range.Start, range.Last, _pendingRemovals[i].State.DropBehaviour, out ProtectionState state);
            bool mayBeLeft = status != PageMapStatus.ProcessGone
                && (status != PageMapStatus.Complete || state != ProtectionState.NoneLeft);
            if (mayBeLeft)
            {
                if (!_isFrozen && !_pendingRemovals.IsOverdue(i))
                    continue;
                AddDoubtful(range);
            }

            EndRemoval(i);
        }

        return _pendingRemovals.Count > 0;
    }

    private void EndRemoval(int index)
    {
        _pendingRemovals[index].State.Invalidation.Dispose();
        _pendingRemovals.RemoveAt(index);
    }

    private void AddRemoval(AddressRange range)
    {
        if (_pendingRemovals.IsFull)
        {
            AddDoubtful(_pendingRemovals[0].Range);
            EndRemoval(0);
        }

        InvalidationScope invalidation = Space.ReportInvalidation(range, InvalidationEvent.Clear);
        _pendingRemovals.Add(range, new PendingRemoval(DropBehaviourAt(range.Start), invalidation));
    }

    /// <summary>
    /// Tells whether all threads of the target are stopped. Set, then drain the event pump: that ends what is pending, because no removal
    /// is half-way any more.
    /// </summary>
    internal void SetFrozen(bool isFrozen)
    {
        _isFrozen = isFrozen;
        _isReadSinceFreeze = false;
    }

    /// <summary>
    /// Called by the owner when all threads are stopped and the events are drained: copies made from now on are right, and those
    /// made in doubtful ranges are thrown away.
    /// </summary>
    internal void InvalidateDoubtful()
    {
        List<AddressRange> doubtful;
        lock (_doubtful)
        {
            doubtful = [.. _doubtful];
            _doubtful.Clear();
        }

        foreach (AddressRange range in doubtful)
            Space.Invalidate(range, InvalidationEvent.Clear);
    }

    private void AddDoubtful(AddressRange range)
    {
        lock (_doubtful)
        {
            if (_doubtful.Count > 0 && _doubtful[^1].Contains(range))
                return;
            if (_doubtful.Count == MaxDoubtfulRanges)
            {
                // Too many to distinguish: everything is doubtful.
                _doubtful.Clear();
                range = AddressRange.Whole;
            }

            _doubtful.Add(range);
        }
    }

    /// <summary>
    /// Closing a child's userfaultfd takes the registrations that it inherited; a session that follows the child attaches to it again. It
    /// takes the lock of the child's memory, for seconds if the child is large: so it comes after the fence, and elsewhere, because other
    /// events wait for this thread.
    /// </summary>
    private void ReleaseChildren()
    {
        foreach (UserfaultfdDescriptor child in _children)
            CloseChild(child);
        _children.Clear();
    }

    private bool HasEvent()
    {
        Span<PollEntry> entry = [new PollEntry { Descriptor = EventDescriptor, Wanted = PollEvents.In }];
        return DescriptorPoll.Wait(entry, 0, out _) > 0 && (entry[0].Returned & PollEvents.In) != 0;
    }

    private void Apply(in UserfaultEvent userfaultEvent)
    {
        AddressRange range = userfaultEvent.Range;
        if (Noticed is { } noticed && MemoryChange.Of(in userfaultEvent) is { } change)
            noticed(change);
        switch (userfaultEvent.Kind)
        {
            case UserfaultEventKind.Unmap:
                Counters.Unmaps++;
                Space.Invalidate(range, InvalidationEvent.Unmap);
                break;
            case UserfaultEventKind.Remap:
                Counters.Remaps++;
                Space.Invalidate(range, InvalidationEvent.Unmap);
                InvalidateDestination(new AddressRange(userfaultEvent.Detail, userfaultEvent.Detail + (range.Last - range.Start)));
                break;
            case UserfaultEventKind.Duplicate:
                Counters.Remaps++;
                InvalidateDestination(MappingFrom(userfaultEvent.Detail));
                break;
            case UserfaultEventKind.Remove:
                Counters.Removes++;
                AddRemoval(range);
                break;
            case UserfaultEventKind.Fork:
                Counters.Forks++;
                _children.Add(UserfaultfdDescriptor.OfChild(in userfaultEvent));
                Space.Invalidate(range, InvalidationEvent.ProtectionPage);
                Changed?.Invoke();
                break;
            case UserfaultEventKind.PageFault:
                _userfaultfd.Dismiss(in userfaultEvent);
                break;
            default:
                Space.Invalidate(range, InvalidationEvent.Clear);
                break;
        }
    }

    /// <remarks>
    /// Pages that were moved there keep their protection, so no scan will show that the place has other content. What was mapped there
    /// before has had its own Unmap event if it was registered.
    /// </remarks>
    private void InvalidateDestination(AddressRange destination)
    {
        if (HasNotifier(destination))
            Space.Invalidate(destination, InvalidationEvent.Clear);
    }

    /// <remarks>Where it ends is not reported, and it may have changed since: what is looked up is at least what is there now.</remarks>
    private AddressRange MappingFrom(ulong start) =>
        _maps.Query(start, out QueriedMapping mapping) == Errno.None && mapping.Start <= start
            ? new AddressRange(start, mapping.Last)
            : AddressRange.FromLength(start, PageSize.Bytes);

    /// <remarks>Unknown counts as anonymous: then the worst is that the removal is waited for longer.</remarks>
    private DropBehaviour DropBehaviourAt(ulong address) => _maps.Query(address, out QueriedMapping mapping) != Errno.None
        ? DropBehaviour.Anonymous
        : mapping.Shared ? DropBehaviour.Shared : mapping.Inode != 0 ? DropBehaviour.PrivateFile : DropBehaviour.Anonymous;
}
