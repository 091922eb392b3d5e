namespace MmuNotifier.Registration;

/// <content>Limits: what gives way for what is to be kept. <see cref="EntryClock{TRegistration}"/> says in which order.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Reserves room for one more. Evicts registrations that are not in use if it must, and releases them before it returns, so that the
    /// provider has what it needs. Registrations that changes have taken out are left to the cache's thread, unless they take up room too.
    /// </summary>
    private bool TryReserve(AddressRange range)
    {
        long length = CacheEntry.LengthOf(range);
        if (length > _options.MaxBytes)
            return false;
        List<EntryNotifier<TRegistration>>? own;
        bool hasRoom;
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? previous = _releases.LastRetired;
            hasRoom = TryMakeRoom(1, length);
            own = TakeOwn(previous);
            if (hasRoom)
                _clock.Reserve(length);
        }

        ReleaseOwn(own);
        while (IsOverLimits(length) && TryReleaseOne())
        {
        }

        return hasRoom;
    }

    /// <summary>Whether the limits would be exceeded if registrations that are not kept but not yet released counted too.</summary>
    private bool IsOverLimits(long length) =>
        Metrics.Registrations >= _options.MaxCount || Metrics.RegisteredBytes > _options.MaxBytes - length;

    /// <summary>Releases one that is due. False: there is none, or this is inside a Release, which calls no other.</summary>
    private bool TryReleaseOne()
    {
        if (ProviderCalls.IsReleasing || TakeDue() is not { } due)
            return false;
        Release(due);
        return true;
    }

    private void Unreserve(AddressRange range) => Interruption.Defer((Cache: this, Range: range), static each =>
    {
        using (each.Cache._lock.Hold())
            each.Cache._clock.Unreserve(CacheEntry.LengthOf(each.Range));
    });

    /// <summary>Takes out what is not in use until there is room for so many more.</summary>
    private bool TryMakeRoom(int count, long length)
    {
        _lock.AssertHeld();
        if (_clock.HasRoom(count, length))
            return true;
        _looks.LookWithoutFence();
        for (long steps = 2L * _clock.Count; steps > 0 && _clock.Next is not null; steps--)
        {
            if (TryEvictAtHand() && _clock.HasRoom(count, length))
                return true;
        }

        return false;
    }

    /// <summary>After a look: one step of the hand.</summary>
    private bool TryEvictAtHand() => _clock.MoveHand(_looks) is { } notifier && TryRetire(notifier, RetirementReason.Evicted);
}
