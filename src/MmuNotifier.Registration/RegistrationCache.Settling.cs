namespace MmuNotifier.Registration;

/// <content>Releases what was retired and is held by nobody.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>Counts the looks at the hold slots. Guarded by the lock.</summary>
    private long _look;

    /// <summary>
    /// Splits and releases what can be, on this thread, under no lock. A call from inside a provider leaves it to the calls around it, or
    /// to the cache's thread: else each Release that frees watched memory would call the next, one inside the other.
    /// </summary>
    internal void Settle()
    {
        if (_retired.Read() is null)
            return;
        if (SettlingThread.IsCurrent)
        {
            SignalWorker();
            return;
        }

        SettlingThread.IsCurrent = true;
        try
        {
            while (TakeUnheld(out EntryNotifier<TRegistration>? unheld, out EntryNotifier<TRegistration>? toSplit))
            {
                SplitAll(toSplit);
                ReleaseAll(unheld);
            }
        }
        finally
        {
            SettlingThread.IsCurrent = false;
        }
    }

    /// <summary>
    /// One look at the hold slots: (4) of the remarks of <see cref="HoldSlots"/>. Looks are made under the lock, one after the other: a
    /// hold that one look sees ends after it, and who ends it makes another.
    /// </summary>
    /// <returns>False if there is nothing to do now: every retired entry is held, and who ends the last hold looks again.</returns>
    private bool TakeUnheld(out EntryNotifier<TRegistration>? unheld, out EntryNotifier<TRegistration>? toSplit)
    {
        unheld = null;
        toSplit = null;
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? next = _retired.ReadRelaxed();
            if (next is null)
                return false;
            Fence.ProcessWide(SeededDefect.CacheLookWithoutFence);
            _holds.MarkHeld(++_look);
            EntryNotifier<TRegistration>? kept = null;
            while (next is { } notifier)
            {
                next = notifier.NextRetired;
                if (notifier.NeedsSplit)
                {
                    notifier.NeedsSplit = false;
                    notifier.IsSplitting = true;
                    notifier.NextToSplit = toSplit;
                    toSplit = notifier;
                }

                bool isUnheld = !notifier.IsSplitting && notifier.HeldAtLook != _look;
                if (isUnheld)
                    notifier.Entry.State.Write(EntryState.Released);
                ref EntryNotifier<TRegistration>? list = ref isUnheld ? ref unheld : ref kept;
                notifier.NextRetired = list;
                list = notifier;
            }

            _retired.Write(kept);
        }

        return unheld is not null || toSplit is not null;
    }

    private void ReleaseAll(EntryNotifier<TRegistration>? next)
    {
        while (next is { } notifier)
        {
            next = notifier.NextRetired;
            notifier.NextRetired = null;
            StopWatching(notifier);
            ReleaseNow(notifier.Entry);
            Metrics.Drained(notifier.RetiredAt);
            NoteReleased();
        }
    }
}
