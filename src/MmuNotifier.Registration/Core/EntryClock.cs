namespace MmuNotifier.Registration;

/// <summary>
/// What is kept, and the limits of it. The kept entries are in a ring that a hand goes around (the clock algorithm): an entry that was used
/// since the hand passed it gets a second chance.
/// </summary>
/// <remarks>
/// The cache's lock guards all fields; every member asserts that the caller holds it. Allocates nothing, except in <see cref="ToList"/>.
/// </remarks>
internal sealed class EntryClock<TRegistration>(DriverLock cacheLock, int maxCount, long maxBytes)
{
    /// <summary>The entry that the hand comes to next; null if nothing is kept.</summary>
    private EntryNotifier<TRegistration>? _hand;

    private int _count;
    private long _bytes;

    /// <summary>Room taken by registrations that are being made.</summary>
    private int _reservedCount;

    /// <summary>Their bytes.</summary>
    private long _reservedBytes;

    /// <summary>How many entries are kept.</summary>
    public int Count
    {
        get
        {
            cacheLock.AssertHeld();
            return _count;
        }
    }

    /// <summary>What they cover.</summary>
    public long Bytes
    {
        get
        {
            cacheLock.AssertHeld();
            return _bytes;
        }
    }

    /// <summary>The entry that the hand comes to next; null if nothing is kept.</summary>
    public EntryNotifier<TRegistration>? Next
    {
        get
        {
            cacheLock.AssertHeld();
            return _hand;
        }
    }

    /// <summary>Whether the limits leave room for so many more.</summary>
    public bool HasRoom(int count, long bytes)
    {
        cacheLock.AssertHeld();
        return _count + _reservedCount <= maxCount - count && _bytes + _reservedBytes <= maxBytes - bytes;
    }

    /// <summary>Takes room for a registration that is being made.</summary>
    public void Reserve(long bytes)
    {
        cacheLock.AssertHeld();
        _reservedCount++;
        _reservedBytes += bytes;
    }

    public void Unreserve(long bytes)
    {
        cacheLock.AssertHeld();
        _reservedCount--;
        _reservedBytes -= bytes;
    }

    /// <summary>Behind the hand: the last that it comes to.</summary>
    public void Add(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        _count++;
        _bytes += CacheEntry.LengthOf(notifier.Entry.Range);
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

    public void Remove(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        _count--;
        _bytes -= CacheEntry.LengthOf(notifier.Entry.Range);
        notifier.ClockPrevious!.ClockNext = notifier.ClockNext;
        notifier.ClockNext!.ClockPrevious = notifier.ClockPrevious;
        if (ReferenceEquals(_hand, notifier))
            _hand = ReferenceEquals(notifier.ClockNext, notifier) ? null : notifier.ClockNext;
        notifier.ClockNext = notifier.ClockPrevious = null;
    }

    /// <summary>Moves the hand over one entry, after a look.</summary>
    /// <returns>
    /// The entry, if it is to give way; null if it was held at the look or was used since the hand passed it, or if there is none.
    /// </returns>
    public EntryNotifier<TRegistration>? MoveHand(HoldLooks looks)
    {
        cacheLock.AssertHeld();
        if (_hand is not { } notifier)
            return null;
        _hand = notifier.ClockNext;
        if (looks.FoundHeld(notifier))
            return null;
        if (notifier.Entry.WasUsed)
        {
            notifier.Entry.WasUsed = false;
            return null;
        }

        return notifier;
    }

    /// <summary>All entries, from the hand on.</summary>
    public List<EntryNotifier<TRegistration>> ToList()
    {
        cacheLock.AssertHeld();
        List<EntryNotifier<TRegistration>> kept = new(_count);
        EntryNotifier<TRegistration>? next = _hand;
        while (next is not null)
        {
            kept.Add(next);
            next = ReferenceEquals(next.ClockNext, _hand) ? null : next.ClockNext;
        }

        return kept;
    }
}
