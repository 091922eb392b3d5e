namespace MmuNotifier.Registration;

/// <content>
/// Releases what was retired and is held by nobody. A thread releases what it took out or held itself; what changes of the memory took out
/// is released by the cache's thread, and by a caller only where it needs the room.
/// </content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Splits and releases everything that is due, on this thread, under no lock. Called by the cache's thread and by Dispose. Takes one at
    /// a time, so that other threads can take the next ones.
    /// </summary>
    internal void Settle()
    {
        if (ProviderCalls.IsReleasing)
        {
            _worker.Signal();
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
    /// Called by the thread that ended a hold and found the entry retired: (6) of the remarks of <see cref="HoldSlots"/>. It handles only
    /// this entry; for every other one, the thread that ends the last hold does so.
    /// </summary>
    internal void EndRetired(CacheEntry<TRegistration> entry)
    {
        if (ProviderCalls.IsReleasing)
        {
            _worker.Signal();
            return;
        }

        var notifier = (EntryNotifier<TRegistration>)entry.Notifier;
        bool isTaken = false;
        Interruption.Defer(notifier, each =>
        {
            using (_lock.Hold())
                isTaken = _releases.TryTake(each);
        });
        if (isTaken)
            Release(notifier);
    }

    /// <summary>
    /// Takes the entries that this thread has retired in this hold of the lock and that nobody uses. This thread releases them, unless it
    /// is inside a Release: then it leaves them to the cache's thread.
    /// </summary>
    private List<EntryNotifier<TRegistration>>? TakeOwn(EntryNotifier<TRegistration>? previous) =>
        ProviderCalls.IsReleasing ? null : _releases.TakeRetiredAfter(previous);

    /// <summary>Under no lock.</summary>
    private void ReleaseOwn(List<EntryNotifier<TRegistration>>? own)
    {
        if (ProviderCalls.IsReleasing)
            _worker.Signal();
        else
            own?.ForEach(Release);
    }

    /// <summary>Takes one that is due. Null: every retired entry is held, and the thread that ends its last hold looks again.</summary>
    private EntryNotifier<TRegistration>? TakeDue()
    {
        using (_lock.Hold())
            return _releases.TakeDue();
    }

    /// <summary>An entry that was taken from the queue by this thread, which alone releases it.</summary>
    private void Release(EntryNotifier<TRegistration> notifier)
    {
        StopWatching(notifier);
        ReleaseNow(notifier.Entry);
        EndClaim(notifier);
        if (notifier.RetiredAt != 0)
            Metrics.NoteDrain(notifier.RetiredAt);
        Interruption.Defer(this, static cache =>
        {
            using (cache._lock.Hold())
                cache._releases.EndRelease();
        });
    }
}
