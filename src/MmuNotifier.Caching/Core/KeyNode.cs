using System.Diagnostics;

namespace MmuNotifier.Caching;

/// <summary>
/// A key in use: it has an entry, a load, or a scope. It watches the key's address, and goes when nothing uses it.
/// </summary>
internal sealed class KeyNode(CoherentCache cache, string key, DriverLock keyLock, NameSegment segment, uint number, ulong address)
    : IntervalNotifier
{
    private AtomicReference<CacheEntry> _entry;

    public string Key { get; } = key;

    /// <summary>Shared with other keys. Guards the fields below, and the states of the key's entries.</summary>
    public DriverLock Lock { get; } = keyLock;

    public NameSegment Segment { get; } = segment;

    public uint Number { get; } = number;

    /// <summary>One address, for its life; another key may have it if their segments have used theirs up.</summary>
    public AddressRange Address => new(address, address);

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
        if (change.Name.Covers(Key))
            cache.Collide(this, change.IsScopeEnd);
        return InvalidateResult.Done;
    }
}
