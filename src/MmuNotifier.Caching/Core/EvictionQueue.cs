namespace MmuNotifier.Caching;

/// <summary>
/// The valid entries, and which of them goes when their total size exceeds the limit: the SIEVE algorithm. New entries come in at one end;
/// a hand moves from the other end towards it, passes what was visited since it came by, and takes the first entry that was not. It never
/// takes the newest, for which the others make room.
/// </summary>
/// <remarks>Its lock nests inside those of keys. Hits only mark entries as visited, without a lock.</remarks>
internal sealed class EvictionQueue(long limit)
{
    /// <summary>
    /// So many visited entries a hand passes at once; it takes the next one even if it was visited. Otherwise, if everything was looked up
    /// since the last eviction, it would go all the way round under the lock.
    /// </summary>
    private const int MaxPassed = 64;

    private readonly DriverLock _lock = new("cache eviction");

    // Guarded by the lock.
    private CacheEntry? _newest;
    private CacheEntry? _oldest;
    private CacheEntry? _hand;

    /// <summary>May exceed the limit for a moment, and then also the range of a long.</summary>
    private Int128 _size;

    private int _count;

    public int Count
    {
        get
        {
            using (_lock.Hold())
                return _count;
        }
    }

    public long Size
    {
        get
        {
            using (_lock.Hold())
                return (long)Int128.Min(_size, long.MaxValue);
        }
    }

    /// <summary>Whether an entry of that size can be kept at all.</summary>
    public bool HasRoomFor(long size) => size <= limit && limit > 0;

    public void Add(CacheEntry entry)
    {
        using (_lock.Hold())
        {
            entry.IsQueued = true;
            entry.Older = _newest;
            if (_newest is null)
                _oldest = entry;
            else
                _newest.Newer = entry;
            _newest = entry;
            _size += entry.Size;
            _count++;
        }
    }

    public void Remove(CacheEntry entry)
    {
        using (_lock.Hold())
        {
            if (entry.IsQueued)
                RemoveLocked(entry);
        }
    }

    /// <summary>Takes out the entry to be evicted, if the limit is exceeded. The caller retires it, under the lock of its key.</summary>
    public bool TryTakeVictim(out CacheEntry victim)
    {
        using (_lock.Hold())
        {
            victim = null!;
            if (_size <= limit || _count < 2)
                return false;
            CacheEntry hand = _hand ?? _oldest!;
            for (int passed = 0; (hand.IsVisited && passed < MaxPassed) || ReferenceEquals(hand, _newest); passed++)
            {
                StepCount.Add();
                hand.IsVisited = false;
                hand = hand.Newer ?? _oldest!;
            }

            victim = hand;
            _hand = hand;
            RemoveLocked(hand);
            return true;
        }
    }

    private void RemoveLocked(CacheEntry entry)
    {
        _lock.AssertHeld();
        if (ReferenceEquals(_hand, entry))
            _hand = entry.Newer;
        if (entry.Older is null)
            _oldest = entry.Newer;
        else
            entry.Older.Newer = entry.Newer;
        if (entry.Newer is null)
            _newest = entry.Older;
        else
            entry.Newer.Older = entry.Older;
        entry.Newer = null;
        entry.Older = null;
        entry.IsQueued = false;
        _size -= entry.Size;
        _count--;
    }
}
