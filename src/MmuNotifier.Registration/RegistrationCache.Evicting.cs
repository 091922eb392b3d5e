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

    /// <summary>Makes room for one more, if those that are not in use suffice, and takes it.</summary>
    private bool TryReserve(AddressRange range)
    {
        long length = LengthOf(range);
        if (length > _options.MaxBytes)
            return false;
        using (_lock.Hold())
        {
            if (!TryMakeRoom(1, length))
                return false;
            _reservedCount++;
            _reservedBytes += length;
            return true;
        }
    }

    private void Unreserve(AddressRange range)
    {
        using (_lock.Hold())
        {
            _reservedCount--;
            _reservedBytes -= LengthOf(range);
        }
    }

    private bool TryMakeRoom(int count, long length)
    {
        if (HasRoom(count, length))
            return true;

        // Without a fence: a hold that this look misses makes the entry one that is drained, no more.
        _holds.MarkHeld(++_look);
        for (long steps = 2L * _count; steps > 0 && _hand is { } notifier; steps--)
        {
            _hand = notifier.ClockNext;
            if (notifier.HeldAtLook == _look)
                continue;
            if (notifier.Entry.WasUsed)
            {
                notifier.Entry.WasUsed = false;
                continue;
            }

            TryRetire(notifier, RetirementReason.Evicted);
            if (HasRoom(count, length))
                return true;
        }

        return false;
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
