using MmuNotifier.Caching;
using MmuNotifier.Caching.Redis;
using StackExchange.Redis;

namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>Ours.</summary>
internal sealed class RedisNodesRaced : INodesRaced
{
    private const int Count = 3;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly RacedServer[] _servers;
    private readonly RedisCoherentCache[] _nodes;
    private readonly bool _isStrict;
    private readonly IConnectionMultiplexer _redis;
    private readonly string _prefix;

    private RedisNodesRaced(
        ConfigurationOptions redis, bool isStrict, TimeSpan lease, NodeRaceKind kind, IConnectionMultiplexer connection)
    {
        _isStrict = isStrict;
        _redis = connection;
        _prefix = $"race{Guid.NewGuid():N}";
        var options = new RedisCoherentCacheOptions
        {
            Redis = redis,
            KeyPrefix = _prefix,
            Mode = isStrict ? RedisCoherenceMode.Strict : RedisCoherenceMode.Bounded,
            LeaseDuration = lease,
        };
        TimeSpan? refreshAfter = kind == NodeRaceKind.BackgroundRefresh ? TimeSpan.FromMilliseconds(1) : null;
        _servers = [.. Enumerable.Range(0, Count).Select(_ => new RacedServer(new RedisCoherenceServer(options)))];
        _nodes =
        [
            .. Enumerable.Range(0, Count).Select(node => new RedisCoherentCache(
                options with { Local = new CoherentCacheOptions { RefreshAfter = refreshAfter } },
                _servers[node],
                null,
                null)),
        ];
    }

    public string Name => _isStrict ? "MmuNotifier.Caching.Redis, strict" : "MmuNotifier.Caching.Redis, bounded";

    /// <param name="redis">How Redis is reached.</param>
    /// <param name="isStrict">The mode.</param>
    /// <param name="lease">Real time.</param>
    /// <param name="kind">What will be raced.</param>
    public static async Task<RedisNodesRaced> StartAsync(ConfigurationOptions redis, bool isStrict, TimeSpan lease, NodeRaceKind kind)
    {
        IConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis).ConfigureAwait(false);
        var raced = new RedisNodesRaced(redis, isStrict, lease, kind, connection);
        foreach (RedisCoherentCache node in raced._nodes)
            await node.StartAsync().ConfigureAwait(false);
        return raced;
    }

    public bool Supports(NodeRaceKind kind) => true;

    public ValueTask<int> GetAsync(int node, string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _nodes[node].GetOrLoadAsync(key, loader, null, [tag]);

    public async ValueTask SetAsync(int node, string key, string tag, int value) =>
        await _nodes[node].SetAsync(key, value, null, [tag]).ConfigureAwait(false);

    public ValueTask RemoveAsync(int node, string key) => new(_nodes[node].RemoveAsync(key));

    public ValueTask RemoveByTagAsync(int node, string tag) => new(_nodes[node].RemoveByTagAsync(tag));

    public ValueTask RemoveByPrefixAsync(int node, string prefix) => new(_nodes[node].RemoveByPrefixAsync(prefix));

    /// <summary>After a millisecond of the cache's clock, which goes in steps.</summary>
    public void MakeRefreshDue(int node)
    {
        long start = Environment.TickCount64;
        while (Environment.TickCount64 == start)
            Thread.Sleep(1);
    }

    public LevelGate HoldSecondLevel(int node) => _servers[node].HoldNextValue();

    public Task WaitForStoreAsync(string key) => UntilAsync(() => _redis.GetDatabase().KeyExists($"{_prefix}:value:{key}"));

    public void Disconnect(int node) => _servers[node].Cut();

    public void Connect(int node) => _servers[node].Mend();

    /// <summary>In bounded mode, the delay of the message: it is over when the nodes are where the first one is.</summary>
    public Task WaitForDelayAsync()
    {
        if (_isStrict)
            return Task.CompletedTask;
        long last = (long)_redis.GetDatabase().HashGet($"{{{_prefix}}}:state", "q");
        return UntilAsync(() => Array.TrueForAll(_nodes, each => each.Node.Position?.Sequence >= last));
    }

    public Task WaitForRefreshAsync(int node) => Task.Delay(1);

    public async ValueTask DisposeAsync()
    {
        foreach (RedisCoherentCache node in _nodes)
            await node.DisposeAsync().ConfigureAwait(false);
        await _redis.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            if (Environment.TickCount64 - start > s_limit.TotalMilliseconds)
                throw new TimeoutException("It did not happen.");
            await Task.Yield();
        }
    }
}
