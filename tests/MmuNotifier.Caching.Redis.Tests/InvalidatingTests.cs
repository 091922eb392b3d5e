using MmuNotifier.Benchmarks.Caching.Races.Nodes;
using MmuNotifier.Caching.Redis.Tests.Servers;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>What is invalidated on one node is gone on the others.</summary>
public sealed class InvalidatingTests : RedisCacheTest
{
    private static readonly string[] s_strange = ["a:\ud800", "a:\udc00", "", "a b\n\0:c", "ä:漢:😀"];

    [Theory]
    [InlineData("key", false)]
    [InlineData("tag", false)]
    [InlineData("prefix", false)]
    [InlineData("key", true)]
    [InlineData("tag", true)]
    [InlineData("prefix", true)]
    public async Task What_one_node_removes_is_gone_on_the_others_and_nothing_else(string kind, bool isStrict)
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict);
        RedisCoherentCache b = await StartNodeAsync(server, isStrict);
        RedisCoherentCache c = await StartNodeAsync(server, isStrict);
        foreach (RedisCoherentCache node in (RedisCoherentCache[])[a, b, c])
        {
            Assert.Equal(1, await GetAsync(node, "user:1:name", "people"));
            Assert.Equal(1, await GetAsync(node, "other", "things"));
        }

        Source = 2;
        await (kind switch
        {
            "key" => a.RemoveAsync("user:1:name"),
            "tag" => a.RemoveByTagAsync("people"),
            _ => a.RemoveByPrefixAsync("user:1"),
        });
        if (!isStrict)
            Patience.Until(() => Kept(b, "user:1:name") is null && Kept(c, "user:1:name") is null, "the message arrives");
        foreach (RedisCoherentCache node in (RedisCoherentCache[])[a, b, c])
        {
            Assert.Null(Kept(node, "user:1:name"));
            Assert.Equal(2, await GetAsync(node, "user:1:name", "people"));
            UntilKept(1, node, "other");
        }
    }

    [Fact]
    public async Task Names_are_told_apart_by_every_code_unit()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(server, isStrict: true);
        for (int i = 0; i < s_strange.Length; i++)
        {
            Source = i;
            Assert.Equal(i, await GetAsync(a, s_strange[i]));
            Assert.Equal(i, await GetAsync(b, s_strange[i]));
        }

        for (int i = 0; i < s_strange.Length; i++)
        {
            await a.RemoveAsync(s_strange[i]);
            Assert.Null(Kept(b, s_strange[i]));
            int left = s_strange.Length - 1 - i;
            Patience.Until(() => s_strange.Count(each => Kept(b, each) is not null) == left, "the others are kept");
        }
    }

    [Fact]
    public async Task What_is_set_on_one_node_replaces_what_the_others_keep()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(server, isStrict: true);
        Assert.Equal(1, await GetAsync(b, "key"));
        Source = 3;
        Assert.True(await a.SetAsync("key", 2));
        UntilKept(2, a, "key");
        Assert.Null(Kept(b, "key"));
        Patience.Until(() => server.Run("exists", "mmunotifier:value:key") == "1", "Redis has it");
        Assert.Equal(2, await GetAsync(b, "key"));
    }

    /// <summary>It would be kept until it expires, although the invalidation has returned on all nodes.</summary>
    [Fact]
    public async Task A_value_that_is_set_is_not_kept_when_another_node_has_invalidated_it_meanwhile()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCacheOptions options = Options(OptionsOf(server.Port));
        var raced = new RacedServer(new RedisCoherenceServer(options));
        await using var a = new RedisCoherentCache(options, raced, null, null);
        await a.StartAsync();
        RedisCoherentCache b = await StartNodeAsync(options);
        raced.AfterAppend = async () =>
        {
            raced.AfterAppend = null;
            await b.RemoveAsync("key");
            await UntilAsync(() => Task.FromResult(a.Node.Position is { Sequence: >= 2 }), "a has applied the removal");
        };

        Assert.False(await a.SetAsync("key", 7));

        Assert.Null(Kept(a, "key"));
        Assert.Equal("0", server.Run("exists", "mmunotifier:value:key"));
    }

    [Fact]
    public async Task Caches_with_other_prefixes_do_not_know_each_other()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(Options(OptionsOf(server.Port)) with { KeyPrefix = "one" });
        RedisCoherentCache b = await StartNodeAsync(Options(OptionsOf(server.Port)) with { KeyPrefix = "two" });
        Assert.Equal(1, await GetAsync(a, "key"));
        Source = 2;
        Assert.Equal(2, await GetAsync(b, "key"));
        await a.RemoveByPrefixAsync("");
        RedisCoherentCache c = await StartNodeAsync(Options(OptionsOf(server.Port)) with { KeyPrefix = "two" });
        Assert.Equal(2, await GetAsync(c, "key"));
        UntilKept(2, b, "key");
    }

    [Fact]
    public async Task A_dead_node_delays_a_strict_invalidation_once()
    {
        RedisServerProcess server = StartServer();
        CuttingProxy proxy = StartProxy(server);
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(Options(OptionsOf(proxy.Port), isStrict: true));
        Assert.Equal(1, await GetAsync(b, "key"));
        await a.RemoveAsync("settles");
        proxy.Cut();
        Source = 2;
        await a.RemoveAsync("key");
        Assert.False(b.HasLease);
        Assert.Null(Kept(b, "key"));
        Assert.Equal("1", server.Run("eval", HolderCount, "1", "{mmunotifier}:state"));
    }

    internal const string HolderCount = """
        local n = 0
        for _, f in ipairs(redis.call('HKEYS', KEYS[1])) do if string.sub(f, 1, 2) == 'n:' then n = n + 1 end end
        return n
        """;
}
