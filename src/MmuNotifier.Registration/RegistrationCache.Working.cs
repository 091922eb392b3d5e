namespace MmuNotifier.Registration;

/// <content>What the cache's thread does: see <see cref="ReleaseWorker"/>.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>One round of the cache's thread, if it is signalled. For the explorer, where there is no such thread.</summary>
    internal void DoSignalledWork()
    {
        if (_worker.TryTakeSignal())
            Settle();
    }

    /// <summary>One round of the cache's thread.</summary>
    private void Work()
    {
        if (_watch.Failure is { } failure)
            DropAll(failure);
        Settle();
    }

    private bool HasWork()
    {
        using (_lock.Hold())
            return _releases.HasWork;
    }

    private void DropAll(string failure)
    {
        NoteFailure(failure);
        RetireAllNow(RetirementReason.WatchFailed);
    }

    /// <summary>Finds what has changed without an event. The checks cost system calls, so they run without the lock.</summary>
    private void Scan()
    {
        List<EntryNotifier<TRegistration>> kept;
        using (_lock.Hold())
            kept = _clock.ToList();
        foreach (EntryNotifier<TRegistration> notifier in kept)
        {
            if (IsIntact(notifier.Entry.Range))
                continue;
            using (_lock.Hold())
                TryRetire(notifier, RetirementReason.NotIntact);
        }

        Settle();
    }
}
