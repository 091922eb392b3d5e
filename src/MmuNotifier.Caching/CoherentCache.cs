using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MmuNotifier.Caching;

/// <summary>
/// A cache in this process that never keeps what was invalidated while it was loaded. Values are removed by key, by tag and by prefix; an
/// invalidation that comes while a value is loaded makes it be loaded again. All members may be called from any thread, also inside
/// loaders.
/// </summary>
/// <remarks>
/// <para>
/// Names have addresses in an <see cref="AddressSpace"/>: a key one among those of its segments, a tag one of its own. A load makes its key
/// and tags watch their addresses, and then begins its read sections. An invalidation starts over a range, and its callbacks make dead what
/// they find: entries, and attempts to load. docs/caching.md describes the whole, docs/caching-contract.md what it promises.
/// </para>
/// <para>
/// Locks, each inside the ones before: that of a key (shared by the keys of one hash), then that of a tag, of the eviction queue or of the
/// names, then the engine's. No user code and no wait runs under any of them, and no invalidation starts under them. Hits take none.
/// </para>
/// </remarks>
public sealed partial class CoherentCache : IDisposable
{
    private const int LockCount = 64;

    private readonly CoherentCacheOptions _options;
    private readonly ILogger _logger;
    private readonly CacheClock _clock;
    private readonly AddressSpace _space = new();
    private readonly NameTree _names;
    private readonly OpenPrefixes _openPrefixes = new();
    private readonly TagTable _tags;
    private readonly EvictionQueue _eviction;
    private readonly CacheMetrics _metrics;
    private readonly ITimer? _scanTimer;

    /// <summary>The keys in use. Changed under the locks of keys; read by hits.</summary>
    private readonly ConcurrentDictionary<string, KeyNode> _keys = new(StringComparer.Ordinal);

    /// <summary>A key's hash picks one of them.</summary>
    private readonly KeyShard[] _keyShards;

    private volatile bool _isDisposed;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <param name="logger">Gets failures of background loads, and values that could not be kept; null for no log.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public CoherentCache(CoherentCacheOptions? options = null, ILogger? logger = null)
        : this(options, logger, LockCount, isPassive: false)
    {
    }

    /// <remarks>Passive: without a timer and a meter. The explorer decides what runs.</remarks>
    internal CoherentCache(CoherentCacheOptions? options, ILogger? logger, int lockCount, bool isPassive)
    {
        Debug.Assert(int.IsPow2(lockCount), "A mask picks the lock.");
        _options = options is null ? new CoherentCacheOptions() : options with { };
        _options.Validate();
        _logger = logger ?? NullLogger.Instance;
        _clock = new CacheClock(_options.TimeProvider);
        _names = new NameTree(_options.PrefixSeparators);
        _tags = new TagTable(this, _space, lockCount);
        _eviction = new EvictionQueue(_options.SizeLimit);
        _keyShards = [.. Enumerable.Range(0, lockCount).Select(each => new KeyShard(this, new DriverLock($"cache keys {each}")))];
        _metrics = new CacheMetrics(_options.Name, this, isPublished: !isPassive, _options.MeterFactory);
        if (!isPassive)
            _scanTimer = StartScanning(_options.TimeProvider, _options.ExpirationScanInterval, new WeakReference<CoherentCache>(this));
    }

    /// <summary>How many values are kept now, expired ones included that no scan has found yet.</summary>
    public int Count => _eviction.Count;

    /// <summary>The sum of the sizes of the kept values.</summary>
    public long Size => _eviction.Size;

    /// <summary>Keys that have an entry, a load or a scope: what the cache has memory for.</summary>
    internal int KeysInUse => _keys.Count;

    internal int TagsInUse => _tags.Count;

    internal long MaxPayloadBytes => _options.MaxPayloadBytes;

    /// <summary>
    /// Removes everything. Later calls throw <see cref="ObjectDisposedException"/>; loads that run continue, and their callers get the
    /// values. Values are not disposed.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _scanTimer?.Dispose();
        Invalidate(_names.All, CacheName.Prefix(""));
        _metrics.Dispose();
    }

    private void RequireNotDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    private KeyShard ShardOf(string key) => _keyShards[key.GetHashCode(StringComparison.Ordinal) & (_keyShards.Length - 1)];

    /// <summary>The key's node, in the space, with one use more.</summary>
    private KeyNode Take(string key)
    {
        KeyShard shard = ShardOf(key);
        using (shard.Lock.Hold())
        {
            if (!_keys.TryGetValue(key, out KeyNode? node))
                node = Make(key, shard);
            node.Uses++;
            return node;
        }
    }

    private KeyNode Make(string key, KeyShard shard)
    {
        shard.Lock.AssertHeld();
        var node = new KeyNode(shard, key);
        ulong address = _names.Take(node);
        try
        {
            _space.Insert(node, new AddressRange(address, address));
        }
        catch
        {
            _names.GiveBack(node);
            throw;
        }

        _keys[key] = node;
        return node;
    }

    /// <summary>Gives one use of the node up. After the last one the node is gone, and its key has no address.</summary>
    private void DropUse(KeyNode node)
    {
        node.Lock.AssertHeld();
        node.Uses--;
        if (node.Uses > 0)
            return;
        _keys.TryRemove(new KeyValuePair<string, KeyNode>(node.Key, node));
        node.RemoveDeferred();
        _names.GiveBack(node);
    }

    private void DropUseUnlocked(KeyNode node)
    {
        using (node.Lock.Hold())
            DropUse(node);
    }

    private LoadTerms TermsOf(CacheEntryOptions? options)
    {
        if (options is null)
            return new LoadTerms(_options.Expiration, _options.RefreshAfter, 1, false, false);
        options.Validate();
        return new LoadTerms(
            options.Expiration ?? _options.Expiration,
            options.RefreshAfter ?? _options.RefreshAfter,
            options.Size,
            options.SkipLookup,
            options.SkipKeeping);
    }

    private static string[] TagsOf(IEnumerable<string>? tags)
    {
        if (tags is null)
            return [];
        string[] distinct = [.. tags.Distinct(StringComparer.Ordinal)];
        if (distinct.Contains(null))
            throw new ArgumentException("A tag is null.", nameof(tags));
        return distinct;
    }
}
