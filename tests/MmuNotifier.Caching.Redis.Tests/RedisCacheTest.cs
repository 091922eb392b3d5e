using System.Net;
using MmuNotifier.Caching.Redis.Tests.Servers;
using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>Nodes in this process, over a real server, and a source with one number.</summary>
public abstract class RedisCacheTest : IAsyncLifetime
{
    private readonly List<RedisCoherentCache> _nodes = [];
    private readonly List<IDisposable> _servers = [];
    private int _source = 1;
    private int _loads;

    protected int Source
    {
        get => Volatile.Read(ref _source);
        set => Volatile.Write(ref _source, value);
    }

    protected int Loads => Volatile.Read(ref _loads);

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (RedisCoherentCache node in _nodes)
            await node.DisposeAsync();
        foreach (IDisposable server in Enumerable.Reverse(_servers))
            server.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected RedisServerProcess StartServer(params string[] arguments)
    {
        Assert.SkipUnless(RedisServerProcess.IsInstalled, "redis-server is not installed");
        return Keep(new RedisServerProcess(arguments));
    }

    private protected static ConfigurationOptions OptionsOf(params int[] ports)
    {
        var options = new ConfigurationOptions { ConnectTimeout = 2000 };
        foreach (int port in ports)
            options.EndPoints.Add(IPAddress.Loopback, port);
        return options;
    }

    private protected CuttingProxy StartProxy(RedisServerProcess server) => Keep(new CuttingProxy(server.Port));

    private protected static RedisCoherentCacheOptions Options(ConfigurationOptions redis, bool isStrict = false) => new()
    {
        Redis = redis,
        Mode = isStrict ? RedisCoherenceMode.Strict : RedisCoherenceMode.Bounded,
        LeaseDuration = TimeSpan.FromSeconds(2),
    };

    private protected Task<RedisCoherentCache> StartNodeAsync(RedisServerProcess server, bool isStrict = false) =>
        StartNodeAsync(Options(OptionsOf(server.Port), isStrict));

    private protected async Task<RedisCoherentCache> StartNodeAsync(RedisCoherentCacheOptions options, TestLog? log = null)
    {
        RedisCoherentCache node = MakeNode(options, log);
        await node.StartAsync();
        return node;
    }

    private protected RedisCoherentCache MakeNode(RedisCoherentCacheOptions options, TestLog? log = null)
    {
        var node = new RedisCoherentCache(options, log);
        _nodes.Add(node);
        return node;
    }

    private protected async Task<int> GetAsync(RedisCoherentCache node, string key, params string[] tags) =>
        await node.GetOrLoadAsync(key, LoadAsync, null, tags);

    /// <summary>What a node keeps; null for nothing.</summary>
    private protected static int? Kept(RedisCoherentCache node, string key) => node.TryGet(key, out int value) ? value : null;

    /// <summary>On a busy machine a node may be without a lease for a moment.</summary>
    private protected static void UntilKept(int value, RedisCoherentCache node, string key) =>
        Patience.Until(() => Kept(node, key) == value, $"{key} is kept as {value}");

    private protected static void UntilFollows(RedisServerProcess replica, RedisServerProcess primary)
    {
        Patience.Until(() => replica.Run("info", "replication").Contains("master_link_status:up", StringComparison.Ordinal), "it follows");
        Patience.Until(() => primary.Run("info", "replication").Contains("state=online", StringComparison.Ordinal), "it is online");
    }

    private protected ValueTask<int> LoadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        return ValueTask.FromResult(Source);
    }

    private protected static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        long start = Environment.TickCount64;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 - start < Patience.Milliseconds, $"did not happen: {what}");
            await Task.Delay(1);
        }
    }

    private T Keep<T>(T server)
        where T : IDisposable
    {
        _servers.Add(server);
        return server;
    }
}
