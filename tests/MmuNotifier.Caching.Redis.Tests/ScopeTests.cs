namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>Scopes around a change of the source.</summary>
public sealed class ScopeTests : RedisCacheTest
{
    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("prefix")]
    public async Task Inside_a_strict_scope_nobody_serves_the_old_value_once_the_source_has_changed(string kind)
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(server, isStrict: true);
        CacheName name = kind switch
        {
            "key" => CacheName.Key("user:1"),
            "tag" => CacheName.Tag("people"),
            _ => CacheName.Prefix("use"),
        };
        Assert.Equal(1, await GetAsync(b, "user:1", "people"));
        Assert.Equal(1, await GetAsync(b, "other"));
        await using (await a.StartInvalidationAsync([name]))
        {
            Assert.Equal(1, await GetAsync(b, "user:1", "people"));
            RedisCoherentCache c = await StartNodeAsync(server, isStrict: true);
            Assert.Equal(1, await GetAsync(c, "user:1", "people"));
            Source = 2;
            foreach (RedisCoherentCache node in (RedisCoherentCache[])[a, b, c])
            {
                Assert.Equal(2, await GetAsync(node, "user:1", "people"));
                Assert.Null(Kept(node, "user:1"));
            }

            Assert.False(await b.SetAsync("user:1", 7, null, ["people"]));
        }

        UntilKept(1, b, "other");
        Assert.Equal(2, await GetAsync(b, "user:1", "people"));
        UntilKept(2, b, "user:1");
        Assert.True(a.Node.Scopes.IsEmpty && b.Node.Scopes.IsEmpty);
    }

    [Fact]
    public async Task A_load_that_begins_inside_a_scope_and_ends_after_it_is_not_kept()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(server, isStrict: true);
        var entered = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        Task<int> load;
        await using (await a.StartInvalidationAsync([CacheName.Key("key")]))
        {
            load = b.GetOrLoadAsync<int>("key", async _ =>
            {
                int value = Source;
                entered.SetResult();
                await released.Task;
                return value;
            }).AsTask();
            await entered.Task;
            Source = 2;
        }

        Assert.Equal(2, await GetAsync(b, "key"));
        released.SetResult();
        Assert.Equal(1, await load);
        UntilKept(2, b, "key");
    }

    /// <summary>The first try reached Redis, and its answer was lost.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_scope_that_its_own_first_try_has_ended_does_not_throw(bool isItsOwn)
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        await using var other = new RedisCoherenceServer(Options(OptionsOf(server.Port)));
        await other.StartAsync(Patience.Limit, CancellationToken.None);
        RedisCacheInvalidation scope = await a.StartInvalidationAsync([CacheName.Key("key")]);
        await other.AppendAsync(new LogEntry(LogEntryKind.ScopeEnd, a.Node.Id, scope.Id, scope.Names), Patience.Limit);
        scope.MayHaveEnded = isItsOwn;
        if (isItsOwn)
            await scope.DisposeAsync();
        else
            await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(async () => await scope.DisposeAsync());
    }

    [Fact]
    public async Task The_end_of_a_scope_is_harmless_twice()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCacheInvalidation scope = await a.StartInvalidationAsync([CacheName.Key("key")]);
        await scope.DisposeAsync();
        await scope.DisposeAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => a.StartInvalidationAsync([]));
    }
}
