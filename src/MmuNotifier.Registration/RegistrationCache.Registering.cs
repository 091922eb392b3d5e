namespace MmuNotifier.Registration;

/// <content>Misses.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Registers and keeps. Read section, watch, register, then under the lock: no change meanwhile, all reported, none under way. Threads
    /// that miss the same range at the same time each register; the first registration is kept, the others end with their leases.
    /// </summary>
    private RegistrationLease<TRegistration> Register(AddressRange range)
    {
        Metrics.NoteMiss();
        EntryNotifier<TRegistration> notifier = MakeEntry(range);
        if (!TryClaim(notifier, out RegistrationLease<TRegistration> lease))
            return lease;
        try
        {
            return range.Start == ulong.MaxValue || !_watch.Space.TryInsert(notifier, range)
                ? RegisterUncached(notifier)
                : RegisterInserted(notifier);
        }
        catch
        {
            EndClaim(notifier);
            throw;
        }
    }

    private RegistrationLease<TRegistration> RegisterInserted(EntryNotifier<TRegistration> notifier)
    {
        AddressRange range = notifier.Entry.Range;
        bool hasRoom = _worker.TryStart() && TryReserve(range);
        bool isKept = false;
        try
        {
            return RegisterWatched(notifier, hasRoom, out isKept);
        }
        finally
        {
            if (hasRoom)
                Unreserve(range);
            if (!isKept)
                StopWatching(notifier);
        }
    }

    private RegistrationLease<TRegistration> RegisterWatched(EntryNotifier<TRegistration> notifier, bool hasRoom, out bool isKept)
    {
        isKept = false;
        for (int attempt = 1; ; attempt++)
        {
            // Never a wait: this may be inside a callback. An invalidation under way, or a change whose end is not reported, may yet change
            // what is registered now; one that comes later makes the section retry. The mappings are watched inside the section: those that
            // are there now, or that have gone with an event which the section sees.
            ReadSection section = notifier.ReadBeginNoWait();
            bool mayKeep = hasRoom && section.Status == ReadStatus.Open && TryWatch(notifier) && !_watch.IsChanging(notifier.Entry.Range);
            if (mayKeep && IsArming)
                _watch.Arm(notifier.Entry.Range);
            if (!notifier.IsWatched)
                RequireMapped(notifier.Entry.Range);
            MakeRegistration(notifier.Entry);
            if (!mayKeep)
                return Uncached(notifier);
            switch (TryPublishOrRelease(
                notifier, section, out RegistrationLease<TRegistration> lease, out List<EntryNotifier<TRegistration>>? replaced))
            {
                case PublishResult.Published:
                    isKept = true;
                    _claims?.NotePublished();
                    ReleaseOwn(replaced);
                    return lease;
                case PublishResult.Changed when attempt < _options.MaxRegisterAttempts:
                    Metrics.NoteStalePrevented();
                    ReleaseNow(notifier.Entry); // The claim stays: it is of the same pages.
                    Unwatch(notifier);
                    continue;
                default:
                    return Uncached(notifier);
            }
        }
    }

    /// <summary>An exception (of the watch, or of a thread that is interrupted) leaves no registration behind.</summary>
    private PublishResult TryPublishOrRelease(
        EntryNotifier<TRegistration> notifier,
        ReadSection section,
        out RegistrationLease<TRegistration> lease,
        out List<EntryNotifier<TRegistration>>? replaced)
    {
        try
        {
            return TryPublish(notifier, section, out lease, out replaced);
        }
        catch
        {
            ReleaseNow(notifier.Entry);
            throw;
        }
    }

    private enum PublishResult
    {
        Published,
        Changed,
        NotToBeKept,
    }

    /// <summary>
    /// Catching up is done under no lock, as reports may run on a thread that needs it: every change that had returned by then was
    /// reported, and the section knows it. One that is announced later differs from the handled stamp, so the next get has it reported; its
    /// callback has yet to take the lock, and finds the entry valid.
    /// </summary>
    private PublishResult TryPublish(
        EntryNotifier<TRegistration> notifier,
        ReadSection section,
        out RegistrationLease<TRegistration> lease,
        out List<EntryNotifier<TRegistration>>? replaced)
    {
        lease = default;
        replaced = null;
        CatchUp();
        if (_watch.Failure is not null || (_verifiesOnHit && !_watch.IsIntact(notifier.Entry.Range)))
            return PublishResult.NotToBeKept;
        HoldSlots slots = _holds.Current.WithFree(out int index);
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? previous = _releases.LastRetired;
            if (section.MustRetry)
                return PublishResult.Changed;
            if (_watch.IsChanging(notifier.Entry.Range) || !TryKeep(notifier))
                return PublishResult.NotToBeKept;
            int generation = slots.Hold(index, notifier.Entry); // Under the lock, as looks are: before anybody can retire it.
            lease = new RegistrationLease<TRegistration>(notifier.Entry, slots, index, generation);
            replaced = TakeOwn(previous);
        }

        return PublishResult.Published;
    }

    /// <summary>The entry becomes valid and is found from now on. False if it was removed before, or is not needed.</summary>
    private bool TryKeep(EntryNotifier<TRegistration> notifier)
    {
        _lock.AssertHeld();
        CacheEntry<TRegistration> entry = notifier.Entry;
        if (_isDisposed || entry.State.ReadRelaxed() != EntryState.Unpublished)
            return false;
        EntryTable table = _table.ReadRelaxed()!;
        if (table.FindFirstByte(entry.Range.Start) is { } other)
        {
            if (other.Range.Last >= entry.Range.Last)
                return false;
            TryRetire((EntryNotifier<TRegistration>)other.Notifier, RetirementReason.Replaced);
        }

        entry.State.Write(EntryState.Valid);
        if (!table.TryPut(entry))
        {
            table = table.Grown();
            table.TryPut(entry);
            _table.Write(table);
        }

        _clock.Add(notifier);
        return true;
    }

    /// <summary>For a lease of a registration that is not kept.</summary>
    private RegistrationLease<TRegistration> RegisterUncached(AddressRange range)
    {
        EntryNotifier<TRegistration> notifier = MakeEntry(range);
        if (!TryClaim(notifier, out RegistrationLease<TRegistration> lease))
            return lease;
        try
        {
            return RegisterUncached(notifier);
        }
        catch
        {
            EndClaim(notifier);
            throw;
        }
    }

    private RegistrationLease<TRegistration> RegisterUncached(EntryNotifier<TRegistration> notifier)
    {
        RequireMapped(notifier.Entry.Range);
        MakeRegistration(notifier.Entry);
        return Uncached(notifier);
    }

    /// <summary>Before the provider registers memory that is not watched. Watched memory was mapped when its watch began.</summary>
    private void RequireMapped(AddressRange range)
    {
        if (range.Last - range.Start >= long.MaxValue || !_watch.IsMapped(range))
            throw new MemoryNotMappedException($"{range} cannot be registered: it is not mapped throughout.");
    }

    private RegistrationLease<TRegistration> Uncached(EntryNotifier<TRegistration> notifier)
    {
        Metrics.NoteUncached();
        return new RegistrationLease<TRegistration>(notifier.Entry, slots: null, 0, 0);
    }

    /// <summary>
    /// The end of a lease that was not cached. Once, however often it is disposed. A removal that met the range while it was registered may
    /// retire the entry at the same time: the lease still owns the registration, so this tries again.
    /// </summary>
    internal void EndUncached(CacheEntry<TRegistration> entry)
    {
        long state = entry.State.Read();
        while (state != EntryState.Released)
        {
            long seen = entry.State.CompareExchange(EntryState.Released, state);
            if (seen == state)
            {
                if (!ProviderCalls.IsReleasing || !TryLeaveToWorker(entry))
                {
                    ReleaseNow(entry);
                    EndClaim((EntryNotifier<TRegistration>)entry.Notifier);
                }

                return;
            }

            state = seen;
        }
    }

    /// <summary>
    /// So that a Release that gets and puts what is not kept does not call the next inside itself. False: the cache is disposed.
    /// </summary>
    private bool TryLeaveToWorker(CacheEntry<TRegistration> entry)
    {
        if (!_worker.TryStart())
            return false;
        using (_lock.Hold())
        {
            if (_isDisposed)
                return false;
            _releases.AddDue((EntryNotifier<TRegistration>)entry.Notifier);
        }

        _worker.Signal();
        return true;
    }

    private EntryNotifier<TRegistration> MakeEntry(AddressRange range)
    {
        CacheEntry<TRegistration> entry = _supply.Take();
        entry.Range = range;
        var notifier = new EntryNotifier<TRegistration>(this, entry);
        entry.Notifier = notifier;
        return notifier;
    }

    /// <summary>
    /// Calls the provider. One that refuses for want of what other registrations hold is called again after some of them were given up,
    /// each time twice as much, as long as there is something to give up.
    /// </summary>
    private void MakeRegistration(CacheEntry<TRegistration> entry)
    {
        long wanted = CacheEntry.LengthOf(entry.Range);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using (ProviderCalls.Enter(this, isRelease: false))
                    entry.Registration = _provider.Register(entry.Range);
                Metrics.NoteRegistered(entry.Range);
                return;
            }
            catch (Exception exception) when (attempt <= MaxGivingUps && _provider.IsShortage(exception))
            {
                if (!TryGiveUp(wanted))
                    throw;
                wanted = wanted > long.MaxValue / 2 ? long.MaxValue : wanted * 2;
            }
        }
    }

    private void ReleaseNow(CacheEntry<TRegistration> entry)
    {
        try
        {
            using (ProviderCalls.Enter(this, isRelease: true))
                _provider.Release(entry.Registration, entry.Range);
        }
        catch (Exception exception)
        {
            if (exception is ThreadInterruptedException)
                Thread.CurrentThread.Interrupt(); // Meant for the caller, which does not get the exception.
            Report(RegistrationProblem.ReleaseFailed, $"Release of {entry.Range} threw: {exception.Message}", exception);
        }

        Metrics.NoteReleased(entry.Range);
        _released.Increment();
    }

    private void StopWatching(EntryNotifier<TRegistration> notifier)
    {
        if (notifier.Space is not null) // Null if it was never inserted.
            Interruption.Defer(notifier, static each => each.RemoveDeferred());
        Unwatch(notifier);
    }

    /// <summary>Called by the thread that registers or splits. The thread that releases ends the watch.</summary>
    private bool TryWatch(EntryNotifier<TRegistration> notifier)
    {
        notifier.IsWatched = _watch.TryWatch(notifier.Entry.Range);
        if (!notifier.IsWatched && _watch.Failure is null)
            NoteUnwatchable(notifier.Entry.Range);
        return notifier.IsWatched;
    }

    /// <summary>
    /// Reported once for each range. How many ranges are remembered is bounded; one sentence covers those that come later.
    /// </summary>
    private void NoteUnwatchable(AddressRange range)
    {
        if (!_unwatchable.TryAdd(range, out bool isLast))
            return;
        string rest = isLast ? " Other ranges will not be reported." : "";
        Report(RegistrationProblem.NotWatchable, $"{range} cannot be watched, so its registration is not kept.{rest}");
    }

    private void Unwatch(EntryNotifier<TRegistration> notifier)
    {
        if (!notifier.IsWatched)
            return;
        notifier.IsWatched = false;
        Interruption.Defer((Watch: _watch, notifier.Entry.Range), static each => each.Watch.Unwatch(each.Range));
    }

    /// <summary>
    /// Reported once. The cache's own thread releases what is kept. A forked child does not have that thread: there, nothing of the
    /// parent's is released, and nothing is found.
    /// </summary>
    private void NoteFailure(string failure)
    {
        if (Interlocked.Exchange(ref _isFailureReported, true))
            return;
        Metrics.NoteWatchFailure();
        Report(RegistrationProblem.WatchFailed, $"Registrations are not cached any more: {failure}");
        _worker.Signal();
    }

    private bool IsArming => _verifiesOnHit || _options.ScanInterval is not null;
}
