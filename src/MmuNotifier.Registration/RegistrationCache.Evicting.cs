namespace MmuNotifier.Registration;

/// <content>
/// Limits. The kept entries are in a ring that a hand goes around (the clock algorithm): one that was used since the hand passed gets a
/// second chance. All of it under the lock.
/// </content>
public sealed partial class RegistrationCache<TRegistration>
{
    private EntryNotifier<TRegistration>? _hand;
    private int _count;
    private long _bytes;

    /// <summary>Room taken by registrations that are being made.</summary>
    private int _reservedCount;
    private long _reservedBytes;

    /// <summary>
    /// Makes room for one more, if those that are not in use suffice, and takes it. What gives way is released before this returns, so that the
    /// provider has what it needs. What changes have taken out is left to the cache's thread, unless it takes the room too.
    /// </summary>
    private bool TryReserve(AddressRange range)
    {
        long length = LengthOf(range);
        if (length > _options.MaxBytes)
            return false;
        List<EntryNotifier<TRegistration>>? own;
        bool hasRoom;
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? previous = _retired.First;
            hasRoom = TryMakeRoom(1, length);
            own = TakeOwn(previous);
            if (hasRoom)
            {
                _reservedCount++;
                _reservedBytes += length;
            }
        }

        ReleaseOwn(own);
        while (IsOverLimits(length) && TryReleaseOne())
        {
        }

        return hasRoom;
    }

    /// <summary>Whether the limits would be passed if what is not kept any more counted as well.</summary>
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
        {
            each.Cache._reservedCount--;
            each.Cache._reservedBytes -= LengthOf(each.Range);
        }
    });

    private bool TryMakeRoom(int count, long length)
    {
        if (HasRoom(count, length))
            return true;

        // Without a fence: a hold that this look misses makes the entry one that is drained, no more.
        _holds.MarkHeld(++_look);
        for (long steps = 2L * _count; steps > 0 && _hand is not null; steps--)
        {
            if (TryEvictAtHand() && HasRoom(count, length))
                return true;
        }

        return false;
    }

    /// <summary>Under the lock, after a look, while something is kept: one step of the hand.</summary>
    private bool TryEvictAtHand()
    {
        EntryNotifier<TRegistration> notifier = _hand!;
        _hand = notifier.ClockNext;
        if (notifier.HeldAtLook == _look)
            return false;
        if (notifier.Entry.WasUsed)
        {
            notifier.Entry.WasUsed = false;
            return false;
        }

        return TryRetire(notifier, RetirementReason.Evicted);
    }

    private bool HasRoom(int count, long length) =>
        _count + _reservedCount <= _options.MaxCount - count && _bytes + _reservedBytes <= _options.MaxBytes - length;

    /// <summary>Behind the hand: the last that it comes to.</summary>
    private void AddToClock(EntryNotifier<TRegistration> notifier)
    {
        _count++;
        _bytes += LengthOf(notifier.Entry.Range);
        if (_hand is null)
        {
            notifier.ClockNext = notifier.ClockPrevious = notifier;
            _hand = notifier;
            return;
        }

        notifier.ClockNext = _hand;
        notifier.ClockPrevious = _hand.ClockPrevious;
        _hand.ClockPrevious!.ClockNext = notifier;
        _hand.ClockPrevious = notifier;
    }

    private void RemoveFromClock(EntryNotifier<TRegistration> notifier)
    {
        _count--;
        _bytes -= LengthOf(notifier.Entry.Range);
        notifier.ClockPrevious!.ClockNext = notifier.ClockNext;
        notifier.ClockNext!.ClockPrevious = notifier.ClockPrevious;
        if (ReferenceEquals(_hand, notifier))
            _hand = ReferenceEquals(notifier.ClockNext, notifier) ? null : notifier.ClockNext;
        notifier.ClockNext = notifier.ClockPrevious = null;
    }

    /// <summary>In bytes; what is longer than any mapping counts as the longest.</summary>
    private static long LengthOf(AddressRange range) => (long)Math.Min(range.Last - range.Start, long.MaxValue - 1) + 1;
}
