using System.Runtime.CompilerServices;

namespace MmuNotifier.Registration;

/// <content>Hits.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Returns a registration that covers the range and describes the memory as it is: it takes account of every change whose call returned
    /// before this one began. A hit allocates nothing and takes no lock.
    /// </summary>
    /// <param name="range">
    /// What to cover, in bytes, bounds inclusive. The fastest hits are those that begin where the kept registration begins.
    /// </param>
    /// <returns>The lease; dispose it when the registration is not used any more.</returns>
    /// <remarks>
    /// An exception of the provider goes to the caller. Where the watch cannot report changes, the registration is made for this lease
    /// alone.
    /// </remarks>
    /// <exception cref="MemoryNotMappedException">The range is not mapped throughout.</exception>
    /// <exception cref="RegistrationOverlapException">
    /// With <see cref="RegistrationCacheOptions.ExclusiveRanges"/>: a registration that overlaps the range stays in use.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RegistrationLease<TRegistration> Get(AddressRange range)
    {
        if (IsUpToDate && TryHit(range, mayRelease: true, out RegistrationLease<TRegistration> lease))
            return lease;
        return GetSlowly(range);
    }

    /// <summary>
    /// As <see cref="Get"/>, but only if a kept registration covers the range: it never calls the provider, and it waits for no lease and
    /// no release. It has the watch catch up if something has changed. A hit allocates nothing and takes no lock.
    /// </summary>
    /// <param name="range">What to cover, in bytes, bounds inclusive.</param>
    /// <param name="lease">The lease, to be disposed when the registration is not used any more; <c>default</c> if there is none.</param>
    /// <returns>
    /// False if nothing is kept that covers the range and describes the memory as it is. That it was not found is not counted as a miss.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(AddressRange range, out RegistrationLease<TRegistration> lease) =>
        (IsUpToDate && TryHit(range, mayRelease: false, out lease)) || TryGetSlowly(range, out lease);

    /// <summary>
    /// Whether every change whose call has returned by now has been reported. The order of the two reads does not matter: when the handled
    /// stamp was written, everything up to it had been reported, and the watch's stamp never returns to a former value.
    /// </summary>
    private bool IsUpToDate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _watch.Failure is null && _handledStamp.Read() == (long)_watch.Stamp;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryHit(AddressRange range, bool mayRelease, out RegistrationLease<TRegistration> lease)
    {
        HoldSlots slots = _holds.Current;
        CacheEntry? entry = _table.Read()!.Find(range);
        if (entry is null)
        {
            entry = slots.LastCovering;
            if (entry is null || !entry.Range.Contains(range))
            {
                lease = default;
                return false;
            }
        }

        return TryHold(slots, entry, mayRelease, out lease);
    }

    /// <summary>
    /// Takes a lease of an entry that was found, if it is valid then. Between the find and the hold the entry may be retired and released,
    /// and its memory may change: no look at the slots has seen the hold yet, but the state says so after the hold. After the hold it is
    /// not released.
    /// </summary>
    /// <param name="slots">Of this thread.</param>
    /// <param name="entry">Found a moment ago.</param>
    /// <param name="mayRelease">Whether this thread may call the provider, to release an entry that it finds not intact.</param>
    /// <param name="lease">Default if it fails.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryHold(HoldSlots slots, CacheEntry entry, bool mayRelease, out RegistrationLease<TRegistration> lease)
    {
        int index = slots.FindFree();
        if (index < 0)
            slots = slots.WithFree(out index);
        int generation = slots.Hold(index, entry);
        bool isValid = entry.IsValid;
        if (isValid && (!_verifiesOnHit || IsIntact(entry.Range)))
        {
            if (!entry.WasUsed)
                entry.WasUsed = true;
            slots.Hits++;
            lease = new RegistrationLease<TRegistration>(Unsafe.As<CacheEntry<TRegistration>>(entry), slots, index, generation);
            return true;
        }

        slots.TryClear(index, generation);
        GiveUp(slots, Unsafe.As<CacheEntry<TRegistration>>(entry), isValid, mayRelease);
        lease = default;
        return false;
    }

    /// <summary>
    /// A hold that came too late may have prevented the release of the entry. The cache's thread looks again: the caller does not pay for
    /// the release of what other threads took out.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GiveUp(HoldSlots slots, CacheEntry<TRegistration> entry, bool isValid, bool mayRelease)
    {
        slots.LastCovering = null;
        Metrics.NoteStalePrevented();
        if (isValid && TryTakeOut(entry) && mayRelease)
            EndRetired(entry);
        else
            _worker.Signal();
    }

    /// <summary>Called when the pages of the entry are not intact.</summary>
    private bool TryTakeOut(CacheEntry<TRegistration> entry)
    {
        using (_lock.Hold())
            return TryRetire((EntryNotifier<TRegistration>)entry.Notifier, RetirementReason.NotIntact);
    }

    /// <summary>False also if the thread is interrupted: then it is not known.</summary>
    private bool IsIntact(AddressRange range)
    {
        try
        {
            return _watch.IsIntact(range);
        }
        catch (ThreadInterruptedException)
        {
            Thread.CurrentThread.Interrupt();
            return false;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RegistrationLease<TRegistration> GetSlowly(AddressRange range)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        if (!TryCatchUp())
            return RegisterUncached(range);
        if (TryHit(range, mayRelease: true, out RegistrationLease<TRegistration> lease))
            return lease;
        SplitAt(range);
        return TryHit(range, mayRelease: true, out lease) || TryHitCovering(range, mayRelease: true, out lease) ? lease : Register(range);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetSlowly(AddressRange range, out RegistrationLease<TRegistration> lease)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        if (TryCatchUp())
            return TryHit(range, mayRelease: false, out lease) || TryHitCovering(range, mayRelease: false, out lease);
        lease = default;
        return false;
    }

    /// <summary>False if the watch has failed: nothing that is kept can be trusted.</summary>
    private bool TryCatchUp()
    {
        if (_watch.Failure is null)
            CatchUp();
        if (_watch.Failure is not { } failure)
            return true;
        NoteFailure(failure);
        return false;
    }

    /// <summary>
    /// Has all changes reported. The reports have marked their entries before the stamp is written, so a thread that reads it finds them
    /// marked. Two threads may write in the other order: then the stamp is an older one, which differs from the watch's, and the next get
    /// catches up again.
    /// </summary>
    private void CatchUp()
    {
        long stamp;
        try
        {
            stamp = (long)_watch.CatchUp();
        }
        catch
        {
            // A change may have been taken from the watch and not been reported (a thread that is interrupted): nothing kept can be
            // trusted.
            Interruption.Defer(this, static cache => cache.RetireAllNow(RetirementReason.NotIntact));
            _worker.Signal();
            throw;
        }

        _handledStamp.Write(stamp);
    }

    /// <summary>Finds a kept registration that begins before the range, by the engine's query.</summary>
    private bool TryHitCovering(AddressRange range, bool mayRelease, out RegistrationLease<TRegistration> lease)
    {
        HoldSlots slots = _holds.Current;
        foreach (FoundNotifier found in _watch.Space.Find(AddressRange.FromLength(range.Start, 1)))
        {
            if (found.Notifier is not EntryNotifier<TRegistration> notifier || !ReferenceEquals(notifier.Cache, this))
                continue;
            if (!notifier.Entry.Range.Contains(range) || !notifier.Entry.IsValid)
                continue;
            if (TryHold(slots, notifier.Entry, mayRelease, out lease))
            {
                slots.LastCovering = notifier.Entry;
                return true;
            }
        }

        lease = default;
        return false;
    }
}
