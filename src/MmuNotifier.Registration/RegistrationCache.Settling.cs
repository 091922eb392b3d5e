namespace MmuNotifier.Registration;

/// <content>
/// Releases what was retired and is held by nobody. A thread releases what it took out or held itself; what changes of the memory took out is
/// released by the cache's thread, and by a caller only where it needs the room.
/// </content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>Retired, and held when they were last looked at, or not looked at yet. Guarded by the lock.</summary>
    private readonly EntryList<TRegistration> _retired = new();

    /// <summary>Held by nobody, and not released yet. Guarded by the lock.</summary>
    private readonly EntryList<TRegistration> _due = new();

    /// <summary>Retired by a hole, and to be split first. Guarded by the lock.</summary>
    private readonly EntryList<TRegistration> _toSplit = new();

    /// <summary>Taken from there, and not retired in full yet. Guarded by the lock.</summary>
    private int _splitting;

    /// <summary>Counts the looks at the hold slots. Guarded by the lock.</summary>
    private long _look;

    /// <summary>Taken from the lists, and not released yet. Guarded by the lock.</summary>
    private int _releasing;

    /// <summary>
    /// Splits and releases all that is due, on this thread, under no lock. By the cache's thread and by Dispose. Each is taken by itself, so that
    /// other threads can take the next ones.
    /// </summary>
    internal void Settle()
    {
        if (ProviderCalls.IsReleasing)
        {
            SignalWorker();
            return;
        }

        while (true)
        {
            if (TakeToSplit() is { } toSplit)
                Split(toSplit);
            else if (TakeDue() is { } due)
                Release(due);
            else
                return;
        }
    }

    /// <summary>
    /// By who ended a hold and found the entry retired: (6) of the remarks of <see cref="HoldSlots"/>. It looks for this entry alone; for every
    /// other one somebody else ends the last hold.
    /// </summary>
    internal void EndRetired(CacheEntry<TRegistration> entry)
    {
        if (ProviderCalls.IsReleasing)
        {
            SignalWorker();
            return;
        }

        var notifier = (EntryNotifier<TRegistration>)entry.Notifier;
        bool isTaken = false;
        Interruption.Defer(notifier, each =>
        {
            using (_lock.Hold())
            {
                if (each.Entry.State.ReadRelaxed() != EntryState.Retired && !Seeded.Has(SeededDefect.CachePutDoesNotCheckAgain))
                    return;
                Look();
                if (!IsUnheld(each))
                    return;
                _retired.Remove(each);
                each.Entry.State.Write(EntryState.Released);
                _releasing++;
                isTaken = true;
            }
        });
        if (isTaken)
            Release(notifier);
    }

    /// <summary>
    /// Under the lock: (4) of the remarks of <see cref="HoldSlots"/>. Looks are made under the lock, one after the other: a hold that one look sees
    /// ends after it, and who ends it makes another.
    /// </summary>
    private void Look()
    {
        Fence.ProcessWide(SeededDefect.CacheLookWithoutFence);
        _holds.MarkHeld(++_look);
    }

    /// <summary>Under the lock, after a look.</summary>
    private bool IsUnheld(EntryNotifier<TRegistration> notifier) => notifier.Split == SplitPhase.None && notifier.HeldAtLook != _look;

    /// <summary>Under the lock: makes those due that were retired after another one and are held by nobody.</summary>
    /// <param name="previous">What was first in the list of the retired; null for all of the list.</param>
    /// <returns>How many are now first in the list of the due.</returns>
    private int FindDue(EntryNotifier<TRegistration>? previous)
    {
        int found = 0;
        EntryNotifier<TRegistration>? next = _retired.First;
        if (ReferenceEquals(next, previous))
            return 0;
        Look();
        while (next is { } notifier && !ReferenceEquals(notifier, previous))
        {
            next = notifier.Next;
            if (!IsUnheld(notifier))
                continue;
            _retired.Remove(notifier);
            notifier.Entry.State.Write(EntryState.Released);
            _due.Add(notifier);
            found++;
        }

        return found;
    }

    /// <summary>
    /// Under the lock: takes those that this thread has retired in this hold of the lock and that nobody uses. They are its own to release, but
    /// for a thread inside a Release: it leaves them to the cache's thread.
    /// </summary>
    private List<EntryNotifier<TRegistration>>? TakeOwn(EntryNotifier<TRegistration>? previous)
    {
        if (ProviderCalls.IsReleasing)
            return null;
        int count = FindDue(previous);
        if (count == 0)
            return null;
        List<EntryNotifier<TRegistration>> own = new(count);
        for (; count > 0; count--)
            own.Add(_due.TakeFirst()!);
        _releasing += own.Count;
        return own;
    }

    /// <summary>Under no lock.</summary>
    private void ReleaseOwn(List<EntryNotifier<TRegistration>>? own)
    {
        if (ProviderCalls.IsReleasing)
            SignalWorker();
        else
            own?.ForEach(Release);
    }

    /// <summary>Takes one that is due. Null: every retired entry is held, and who ends the last hold looks again.</summary>
    private EntryNotifier<TRegistration>? TakeDue()
    {
        using (_lock.Hold())
        {
            if (_due.First is null)
                FindDue(previous: null);
            EntryNotifier<TRegistration>? due = _due.TakeFirst();
            _releasing += due is null ? 0 : 1;
            return due;
        }
    }

    /// <summary>An entry that was taken from the lists by this thread, which alone releases it.</summary>
    private void Release(EntryNotifier<TRegistration> notifier)
    {
        StopWatching(notifier);
        ReleaseNow(notifier.Entry);
        EndClaim(notifier);
        if (notifier.RetiredAt != 0)
            Metrics.Drained(notifier.RetiredAt);
        Interruption.Defer(this, static cache =>
        {
            using (cache._lock.Hold())
                cache._releasing--;
        });
        NoteReleased();
    }

    /// <summary>Whether there is, or will be, something that only the cache's thread may come to release.</summary>
    private bool HasWork
    {
        get
        {
            using (_lock.Hold())
                return _retired.First is not null || _due.First is not null || _toSplit.First is not null || _splitting > 0;
        }
    }
}
