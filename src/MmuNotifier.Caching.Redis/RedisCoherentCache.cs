using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// A <see cref="CoherentCache"/> on each of several machines, kept coherent by Redis. Values are removed by key, tag and prefix on all of
/// them; what was invalidated while it was loaded is not kept, on whichever node either happens. All members may be called from any thread.
/// </summary>
/// <remarks>
/// docs/caching-redis.md has the protocol and what it promises. A node without a lease does not answer from what it keeps
/// (<see cref="RedisCoherentCacheOptions.WhenUnavailable"/>); it has none before <see cref="StartAsync"/>.
/// </remarks>
public sealed partial class RedisCoherentCache : IAsyncDisposable
{
    private readonly RedisCoherentCacheOptions _options;
    private readonly ICoherenceServer _server;
    private readonly CoherentCache _local;
    private readonly RedisCacheMetrics _metrics;
    private readonly CoherenceNode _node;
    private readonly NodeLease _lease;
    private readonly ScopeTable _scopes;
    private readonly SemaphoreSlim _uncachedLoads;
    private readonly HybridSerializers _serializers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private int _isDisposed;

    /// <summary>Makes a cache that is not connected yet.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="logger">Gets what an operator should know; null for no log.</param>
    /// <param name="services">Where serializers for the values in Redis are looked for, as HybridCache does; null for JSON.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public RedisCoherentCache(RedisCoherentCacheOptions options, ILogger? logger = null, IServiceProvider? services = null)
        : this(Copied(options, out RedisCoherentCacheOptions copy), new RedisCoherenceServer(copy), logger, services)
    {
    }

    internal RedisCoherentCache(RedisCoherentCacheOptions options, ICoherenceServer server, ILogger? logger, IServiceProvider? services)
    {
        _options = options with { Local = options.Local with { } };
        _logger = logger ?? NullLogger.Instance;
        _time = options.Local.TimeProvider;
        _server = server;
        _local = new CoherentCache(_options.Local, logger);
        _metrics = new RedisCacheMetrics(options.KeyPrefix, options.Local.MeterFactory);
        _node = new CoherenceNode(_options, server, _local, _metrics, _logger);
        _lease = _node.Lease;
        _scopes = _node.Scopes;
        _uncachedLoads = new SemaphoreSlim(options.MaxUncachedLoads);
        _serializers = new HybridSerializers(services);
    }

    /// <summary>Whether this node answers from what it keeps now.</summary>
    public bool HasLease => _lease.IsHeld;

    /// <summary>How many values this node keeps.</summary>
    public int Count => _local.Count;

    internal CoherenceNode Node => _node;

    internal long MaxPayloadBytes => _local.MaxPayloadBytes;

    internal HybridSerializers Serializers => _serializers;

    /// <summary>
    /// Connects to Redis and waits for the first lease, at most <see cref="RedisCoherentCacheOptions.LeaseDuration"/> and a time to
    /// connect.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="RedisCacheUnavailableException">
    /// Redis or another node is not as the options say. Or Redis cannot be reached, and
    /// <see cref="RedisCoherentCacheOptions.WhenUnavailable"/> is to throw; otherwise the cache starts without a lease, says so in the log,
    /// and tries on.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        RequireNotDisposed();
        TimeSpan limit = _options.LeaseDuration + TimeSpan.FromMilliseconds(_options.Redis.ConnectTimeout);
        Exception? failure = null;
        try
        {
            await _server.StartAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            failure = exception;
        }

        _node.Start();
        long start = _time.GetTimestamp();
        while (failure is null && !_lease.IsHeld)
        {
            RequireNotDisposed();
            if (_node.Failure is UnmetAssumptionException unmet)
                throw new RedisCacheUnavailableException(unmet.Message, unmet);
            if (_time.GetElapsedTime(start) > limit)
                failure = _node.Failure ?? new TimeoutException("There was no lease in time.");
            else
                await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }

        RequireNotDisposed();
        if (failure is null || _options.WhenUnavailable != RedisUnavailableBehavior.Throw)
            return;
        string what = failure is RedisServerException ? "Redis refuses what the cache asks for" : "Redis cannot be reached";
        throw new RedisCacheUnavailableException($"{what}: {failure.Message}", failure);
    }

    /// <summary>
    /// Gives up the lease and what this node keeps. Tells Redis, so that others need not wait for this node: on a server that does
    /// not answer, that takes some calls and the time that the connections take to close. Loads that run continue.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _node.DisposeAsync().ConfigureAwait(false);
        _local.Dispose();
        if (_options.Mode == RedisCoherenceMode.Strict)
            await LeaveAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    /// <summary>After the lease is gone.</summary>
    private async Task LeaveAsync()
    {
        try
        {
            (string epoch, IReadOnlyList<LeaseHolder> holders) = await _server.ReadHoldersAsync(_node.CallLimit).ConfigureAwait(false);
            LeaseHolder[] own = [.. holders.Where(each => each.Node == _node.Id)];
            if (own.Length > 0)
                await _server.ExpelAsync(epoch, own, _node.CallLimit).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Others wait for a lease once.
        }
    }

    /// <summary>What changes the options later does not change the cache.</summary>
    private static RedisCoherentCacheOptions Copied(RedisCoherentCacheOptions options, out RedisCoherentCacheOptions copy)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        copy = options with { Redis = options.Redis.Clone() };
        return copy;
    }

    internal void RequireNotDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
}
