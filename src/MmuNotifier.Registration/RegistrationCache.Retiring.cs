using System.Diagnostics;

namespace MmuNotifier.Registration;

/// <content>Invalidations and removals: entries go out at once, and are released later.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Takes out every kept registration that overlaps the range. Those not in use are released before this returns, or soon after if it is
    /// called inside the provider; the others are released when their last lease ends. A call of <see cref="Get"/> that began before this
    /// one keeps nothing in the range.
    /// </summary>
    /// <param name="range">Where, in bytes, bounds inclusive.</param>
    /// <returns>How many were taken out.</returns>
    public int Remove(AddressRange range)
    {
        int removed = 0;
        List<EntryNotifier<TRegistration>>? own;
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? previous = _releases.LastRetired;
            foreach (FoundNotifier found in _watch.Space.Find(range))
            {
                if (found.Notifier is EntryNotifier<TRegistration> notifier && ReferenceEquals(notifier.Cache, this))
                    removed += TryRetire(notifier, RetirementReason.Removed) ? 1 : 0;
            }

            own = TakeOwn(previous);
        }

        ReleaseOwn(own);
        return removed;
    }

    /// <summary>As <see cref="Remove"/>, of all.</summary>
    /// <returns>How many were taken out.</returns>
    public int Clear() => Remove(AddressRange.Whole);

    /// <summary>
    /// The callback of an entry. It runs inside the invalidation, perhaps under locks of the thread that changes the memory: it allocates
    /// nothing, calls no user code, and leaves the rest to the cache's thread.
    /// </summary>
    /// <remarks>
    /// An interrupted thread takes the entry out all the same; otherwise the cache would give it out although its memory has changed.
    /// </remarks>
    internal void Invalidated(EntryNotifier<TRegistration> notifier, AddressRange overlap, InvalidationEvent invalidationEvent)
    {
        Interruption.Defer(
            (Notifier: notifier, Overlap: overlap, Event: invalidationEvent),
            static each => each.Notifier.Cache.TakeOut(each.Notifier, each.Overlap, each.Event));
        _worker.Signal();
    }

    private void TakeOut(EntryNotifier<TRegistration> notifier, AddressRange overlap, InvalidationEvent invalidationEvent)
    {
        using (_lock.Hold())
        {
            bool wasValid = notifier.Entry.State.ReadRelaxed() == EntryState.Valid;
            if (!wasValid)
            {
                // Not published yet: its section retries. Retired: less of it is left, if it is to be split.
                notifier.Damage = notifier.Damage is { } damage ? damage.Hull(overlap) : notifier.Damage;
                return;
            }

            AddressRange range = notifier.Entry.Range;
            notifier.Damage = overlap;
            if (_splitter is not null && (range.Start < overlap.Start || overlap.Last < range.Last))
                notifier.Split = SplitPhase.Due;
            Retire(notifier);
            Metrics.NoteInvalidation(invalidationEvent);
        }
    }

    /// <summary>False if it is not kept any more; one that is just being registered will not be.</summary>
    private bool TryRetire(EntryNotifier<TRegistration> notifier, RetirementReason reason)
    {
        _lock.AssertHeld();
        CacheEntry<TRegistration> entry = notifier.Entry;
        switch (entry.State.ReadRelaxed())
        {
            case EntryState.Valid:
                Retire(notifier);
                Metrics.NoteRetirement(reason);
                return true;
            case EntryState.Unpublished:
                entry.State.CompareExchange(EntryState.Retired, EntryState.Unpublished); // Its lease may end meanwhile.
                return false;
            default:
                notifier.Damage = entry.Range; // Nothing of it is kept, if it is to be split.
                return false;
        }
    }

    /// <summary>(3) of the remarks of <see cref="HoldSlots"/>.</summary>
    private void Retire(EntryNotifier<TRegistration> notifier)
    {
        _lock.AssertHeld();
        notifier.Entry.State.Write(EntryState.Retired);
        _table.ReadRelaxed()!.Remove(notifier.Entry);
        _clock.Remove(notifier);
        notifier.RetiredAt = Stopwatch.GetTimestamp();
        _releases.Add(notifier);
    }

    private void RetireAllNow(RetirementReason reason)
    {
        using (_lock.Hold())
            RetireAll(reason);
    }

    private void RetireAll(RetirementReason reason)
    {
        _lock.AssertHeld();
        while (_clock.Next is { } notifier)
            TryRetire(notifier, reason);
    }
}
