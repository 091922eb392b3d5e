using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>Microsoft's, as AddHybridCache and AddStackExchangeRedisCache give it.</summary>
internal sealed class HybridNodesRaced : INodesRaced
{
    private readonly ServiceProvider[] _services;
    private readonly GatedDistributedCache[] _levels;
    private readonly HybridCache[] _nodes;

    public HybridNodesRaced(ConfigurationOptions redis)
    {
        _levels = [.. Enumerable.Range(0, 3).Select(_ => new GatedDistributedCache(
            new RedisCache(new RedisCacheOptions { ConfigurationOptions = redis })))];
        _services = [.. _levels.Select(level =>
        {
            var services = new ServiceCollection();
            services.AddSingleton<IDistributedCache>(level);
            services.AddHybridCache();
            return services.BuildServiceProvider();
        })];
        _nodes = [.. _services.Select(each => each.GetRequiredService<HybridCache>())];
    }

    public string Name => "HybridCache";

    public bool Supports(NodeRaceKind kind) =>
        kind is NodeRaceKind.Remove or NodeRaceKind.Tag or NodeRaceKind.RemoveSetRemove or NodeRaceKind.SecondLevelRead;

    public ValueTask<int> GetAsync(int node, string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _nodes[node].GetOrCreateAsync(key, loader, null, [tag]);

    public ValueTask SetAsync(int node, string key, string tag, int value) => _nodes[node].SetAsync(key, value, null, [tag]);

    public ValueTask RemoveAsync(int node, string key) => _nodes[node].RemoveAsync(key);

    public ValueTask RemoveByTagAsync(int node, string tag) => _nodes[node].RemoveByTagAsync(tag);

    public ValueTask RemoveByPrefixAsync(int node, string prefix) => throw new NotSupportedException();

    public void MakeRefreshDue(int node) => throw new NotSupportedException();

    public LevelGate HoldSecondLevel(int node) => _levels[node].HoldNextValue();

    public Task WaitForStoreAsync(string key) => Task.Delay(5);

    public void Disconnect(int node) => throw new NotSupportedException();

    public void Connect(int node) => throw new NotSupportedException();

    /// <summary>It promises none.</summary>
    public Task WaitForDelayAsync() => Task.Delay(20);

    public Task WaitForRefreshAsync(int node) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceProvider each in _services)
            await each.DisposeAsync().ConfigureAwait(false);
    }
}
