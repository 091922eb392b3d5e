using System.Diagnostics;

namespace MmuNotifier.Caching;

/// <summary>
/// A key in use: it has an entry, a load, or a scope. It watches the key's address, and goes when nothing uses it.
/// </summary>
/// <remarks>There is one for each key in use: every field counts.</remarks>
internal sealed class KeyNode(KeyShard shard, string key) : IntervalNotifier(shard), INamed
{
    private AtomicReference<CacheEntry> _entry;

    public string Key { get; } = key;

    /// <summary>Shared with other keys. Guards the entry, the load, the uses, and the states of the key's entries.</summary>
    public DriverLock Lock => Shard.Lock;

    public NameSegment Segment { get; set; } = null!;

    public uint Number { get; set; }

    /// <summary>One address, for its life; another key may have it if their segments have used theirs up.</summary>
    public AddressRange Address
    {
        get
        {
            bool isWhole = TryReadRange(out AddressRange range);
            Debug.Assert(isWhole, "It never moves.");
            return range;
        }
    }

    /// <summary>What lookups get. Changed under the lock, read without it.</summary>
    public CacheEntry? Entry
    {
        get => _entry.Read();
        set
        {
            Lock.AssertHeld();
            _entry.Write(value);
        }
    }

    /// <summary>The load that callers join. None of its attempts so far was invalidated.</summary>
    public Load? Load { get; set; }

    /// <summary>Entries, loads, scopes, and callers about to begin one.</summary>
    public int Uses { get; set; }

    /// <summary>May find the key's entries changed by others meanwhile: it looks at what is there now.</summary>
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        var change = (CacheChange)invalidation.Owner!;
        Debug.Assert(change is not null, "Only the cache invalidates its space.");
        if (change.Covers(Key))
            Shard.Cache.Collide(this, change.IsScopeEnd);
        return InvalidateResult.Done;
    }

    private KeyShard Shard => (KeyShard)Owner!;
}
