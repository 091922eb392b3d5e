using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>FusionCache with Redis as second level and backplane, and fail-safe, as its documents recommend.</summary>
internal sealed class FusionNodesRaced : INodesRaced
{
    private readonly GatedDistributedCache[] _levels;
    private readonly FusionCache[] _nodes;
    private readonly FusionCacheEntryOptions _options;

    public FusionNodesRaced(ConfigurationOptions redis, NodeRaceKind kind)
    {
        _options = new FusionCacheEntryOptions(TimeSpan.FromSeconds(20))
        {
            IsFailSafeEnabled = true,
            EagerRefreshThreshold = kind == NodeRaceKind.BackgroundRefresh ? 0.0001f : null,
        };
        _levels = [.. Enumerable.Range(0, 3).Select(_ => new GatedDistributedCache(
            new RedisCache(new RedisCacheOptions { ConfigurationOptions = redis })))];
        _nodes = [.. _levels.Select(level =>
        {
            var cache = new FusionCache(new FusionCacheOptions());
            cache.SetupDistributedCache(level, new FusionCacheSystemTextJsonSerializer());
            cache.SetupBackplane(new RedisBackplane(new RedisBackplaneOptions { ConfigurationOptions = redis }));
            return cache;
        })];
    }

    public string Name => "FusionCache, backplane";

    public bool Supports(NodeRaceKind kind) => kind is not (NodeRaceKind.Prefix or NodeRaceKind.Reconnect);

    public ValueTask<int> GetAsync(int node, string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _nodes[node].GetOrSetAsync<int>(key, async (_, token) => await loader(token).ConfigureAwait(false), _options, tags: [tag]);

    public ValueTask SetAsync(int node, string key, string tag, int value) => _nodes[node].SetAsync(key, value, _options, tags: [tag]);

    public ValueTask RemoveAsync(int node, string key) => _nodes[node].RemoveAsync(key);

    public ValueTask RemoveByTagAsync(int node, string tag) => _nodes[node].RemoveByTagAsync(tag);

    public ValueTask RemoveByPrefixAsync(int node, string prefix) => throw new NotSupportedException();

    public void MakeRefreshDue(int node) => Thread.Sleep(4);

    public LevelGate HoldSecondLevel(int node) => _levels[node].HoldNextValue();

    public Task WaitForStoreAsync(string key) => Task.Delay(5);

    public void Disconnect(int node) => throw new NotSupportedException();

    public void Connect(int node) => throw new NotSupportedException();

    /// <summary>It promises none.</summary>
    public Task WaitForDelayAsync() => Task.Delay(20);

    public Task WaitForRefreshAsync(int node) => Task.Delay(5);

    public ValueTask DisposeAsync()
    {
        foreach (FusionCache node in _nodes)
            node.Dispose();
        return default;
    }
}
