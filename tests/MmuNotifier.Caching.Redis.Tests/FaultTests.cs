using Microsoft.Extensions.Logging;
using MmuNotifier.Benchmarks.Caching.Races.Nodes;
using MmuNotifier.Caching.Redis.Tests.Servers;
using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>docs/caching-redis.md has the answers to these faults.</summary>
public sealed class FaultTests : RedisCacheTest
{
    private const string Log = "{mmunotifier}:log";
    private const string State = "{mmunotifier}:state";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_was_cut_off_does_not_answer_after_its_lease_and_catches_up_from_its_position(bool isHeld)
    {
        RedisServerProcess server = StartServer();
        CuttingProxy proxy = StartProxy(server);
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCoherentCache b = await StartNodeAsync(Options(OptionsOf(proxy.Port)));
        Assert.Equal(1, await GetAsync(b, "removed"));
        Assert.Equal(1, await GetAsync(b, "other"));
        if (isHeld)
            proxy.Hold();
        else
            proxy.Cut();
        Source = 2;
        await a.RemoveAsync("removed");
        Patience.Until(() => !b.HasLease, "the lease ends");
        Assert.Null(Kept(b, "removed"));
        Assert.Equal(2, await GetAsync(b, "removed"));
        Assert.Equal(2, await GetAsync(b, "other"));
        Source = 3;
        Assert.Equal(3, await GetAsync(b, "removed"));
        proxy.Continue();
        proxy.Mend();
        Patience.Until(() => Kept(b, "other") == 1, "the node is back, and has not forgotten");
        Assert.Null(Kept(b, "removed"));
    }

    /// <summary>More than may wait for an answer, and none comes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_many_values_that_could_not_be_stored_values_are_stored_again(bool isHeld)
    {
        CuttingProxy proxy = StartProxy(StartServer());
        await using var server = new RedisCoherenceServer(Options(OptionsOf(proxy.Port)));
        await server.StartAsync(Patience.Limit, CancellationToken.None);
        byte[] value = [1];
        if (isHeld)
            proxy.Hold();
        else
            proxy.Cut();
        for (int i = 0; i < 5000; i++)
            server.Set($"lost:{i}", value, TimeSpan.FromMinutes(1));
        proxy.Continue();
        proxy.Mend();
        await UntilAsync(
            async () =>
            {
                server.Set("key", value, TimeSpan.FromMinutes(1));
                try
                {
                    return await server.GetAsync("key", TimeSpan.FromSeconds(1)) is not null;
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            "a value is stored");
    }

    [Fact]
    public async Task After_a_restart_of_the_server_everything_is_forgotten_and_a_strict_invalidation_waits_for_old_leases()
    {
        RedisServerProcess server = StartServer();
        (RedisCoherentCache a, RedisCoherentCache b, CuttingProxy proxy) = await StartHeldPairAsync(server);
        server.Kill();
        server.Start();
        Source = 2;
        await RetryAsync(() => a.RemoveAsync("key"));
        Assert.Null(Kept(b, "key"));
        Assert.Null(Kept(b, "other"));
        proxy.Continue();
        Patience.Until(() => a.HasLease && b.HasLease, "both are back");
        Assert.Null(Kept(a, "other"));
        Assert.Null(Kept(b, "other"));
    }

    [Fact]
    public async Task FLUSHALL_makes_all_forget_and_a_strict_invalidation_waits_for_old_leases()
    {
        RedisServerProcess server = StartServer();
        (RedisCoherentCache a, RedisCoherentCache b, CuttingProxy proxy) = await StartHeldPairAsync(server);
        server.Run("flushall");
        Source = 2;
        await a.RemoveAsync("key");
        Assert.Null(Kept(b, "key"));
        Source = 3;
        await a.RemoveAsync("other");
        Assert.Null(Kept(b, "other"));
        proxy.Continue();
        Patience.Until(() => a.HasLease && b.HasLease, "both are back");
        Assert.Null(Kept(b, "key"));
        Assert.Equal(a.Node.Position!.Epoch, b.Node.Position!.Epoch);
    }

    [Fact]
    public async Task A_log_that_was_trimmed_too_far_makes_a_node_forget_everything()
    {
        RedisServerProcess server = StartServer();
        (RedisCoherentCache a, RedisCoherentCache b, CuttingProxy proxy) = await StartHeldPairAsync(server);
        Source = 2;
        await a.RemoveAsync("key");
        server.Run("xtrim", Log, "maxlen", "0");
        proxy.Cut(); // What was pushed is lost.
        proxy.Continue();
        proxy.Mend();
        Patience.Until(() => b.HasLease && b.Node.Position == a.Node.Position, "it is back");
        Assert.Null(Kept(b, "key"));
        Assert.Null(Kept(b, "other"));
    }

    [Theory]
    [InlineData(Log)]
    [InlineData(State)]
    public async Task A_key_that_was_evicted_makes_nodes_forget_and_no_lookup_stale(string key)
    {
        RedisServerProcess server = StartServer();
        (RedisCoherentCache a, RedisCoherentCache b, CuttingProxy proxy) = await StartHeldPairAsync(server);
        server.Run("del", key);
        Source = 2;
        await a.RemoveAsync("key");
        Assert.Null(Kept(b, "key"));
        server.Run("del", key);
        proxy.Continue();
        await a.RemoveAsync("other");
        Assert.Null(Kept(b, "other"));
        Patience.Until(() => a.HasLease && b.HasLease, "both are back");
        Assert.Null(Kept(b, "key"));
    }

    [Fact]
    public async Task A_policy_that_may_evict_the_log_is_refused_at_the_start_and_later_said_loudly()
    {
        RedisServerProcess server = StartServer();
        server.Run("config", "set", "maxmemory-policy", "allkeys-lru");
        RedisCoherentCache refused = MakeNode(Options(OptionsOf(server.Port), isStrict: true));
        RedisCacheUnavailableException exception = await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => refused.StartAsync());
        Assert.Contains("allkeys-lru", exception.Message, StringComparison.Ordinal);

        server.Run("config", "set", "maxmemory-policy", "volatile-lru");
        var log = new TestLog();
        RedisCoherentCache a = await StartNodeAsync(Options(OptionsOf(server.Port), isStrict: true) with { KeyPrefix = "second" }, log);
        Assert.Equal(1, await GetAsync(a, "key"));
        server.Run("config", "set", "maxmemory-policy", "allkeys-random");
        Patience.Until(() => !a.HasLease, "the lease is given up");
        Patience.Until(
            () => log.Entries.Any(
                each => each.Level == LogLevel.Critical && each.Text.Contains("allkeys-random", StringComparison.Ordinal)),
            "it is logged");
        Source = 2;
        Assert.Equal(2, await GetAsync(a, "key"));
        server.Run("config", "set", "maxmemory-policy", "noeviction");
        Patience.Until(() => a.HasLease, "the lease is back");
    }

    [Fact]
    public async Task Nodes_with_other_options_are_refused()
    {
        RedisServerProcess server = StartServer();
        await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache other = MakeNode(Options(OptionsOf(server.Port)));
        RedisCacheUnavailableException exception = await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => other.StartAsync());
        Assert.Contains("Strict", exception.Message, StringComparison.Ordinal);
        RedisCoherentCacheOptions strict = Options(OptionsOf(server.Port), isStrict: true);
        RedisCoherentCache longer = MakeNode(strict with { LeaseDuration = TimeSpan.FromSeconds(3) });
        await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => longer.StartAsync());
        await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => longer.RemoveAsync("key"));
    }

    [Fact]
    public async Task An_invalidation_that_does_not_reach_Redis_throws_and_is_done_here()
    {
        RedisServerProcess server = StartServer();
        CuttingProxy proxy = StartProxy(server);
        RedisCoherentCache a = await StartNodeAsync(
            Options(OptionsOf(proxy.Port)) with { InvalidationTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(1, await GetAsync(a, "key"));
        proxy.Cut();
        await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => a.RemoveAsync("key"));
        Assert.Null(Kept(a, "key"));
        await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(
            () => a.StartInvalidationAsync([CacheName.Key("key")]));
        Assert.True(a.Node.Scopes.IsEmpty);
    }

    [Fact]
    public async Task A_cache_that_is_started_again_does_not_ask_Redis_more_often()
    {
        RedisCoherentCache a = await StartNodeAsync(StartServer());
        Task loop = a.Node.Loop;
        await a.StartAsync();
        Assert.Same(loop, a.Node.Loop);
    }

    [Fact]
    public async Task An_invalidation_that_Redis_refuses_says_why_and_is_done_here()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(Options(OptionsOf(server.Port)) with { InvalidationTimeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(1, await GetAsync(a, "key"));
        Assert.Equal("OK", server.Run("acl", "setuser", "default", "-eval", "-evalsha"));
        InvalidationOutcomeUnknownException exception =
            await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => a.RemoveAsync("key"));
        Assert.Contains("Redis has refused it", exception.Message, StringComparison.Ordinal);
        Assert.Contains("NOPERM", exception.Message, StringComparison.Ordinal);
        Assert.Null(Kept(a, "key"));
    }

    [Fact]
    public async Task An_invalidation_whose_cache_is_disposed_meanwhile_says_so()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCacheOptions options = Options(OptionsOf(server.Port)) with { LeaseDuration = TimeSpan.FromMinutes(1) };
        var raced = new RacedServer(new RedisCoherenceServer(options));
        await using var a = new RedisCoherentCache(options, raced, null, null);
        await a.StartAsync();
        raced.FailsSyncs = true;
        server.Run("del", State);
        Task disposal = Task.CompletedTask;
        raced.AfterAppend = () =>
        {
            disposal = a.DisposeAsync().AsTask();
            return Task.CompletedTask;
        };
        InvalidationOutcomeUnknownException exception =
            await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => a.RemoveAsync("key"));
        Assert.Contains("disposed", exception.Message, StringComparison.Ordinal);
        await disposal;
    }

    [Fact]
    public async Task An_invalidation_in_an_epoch_that_its_own_node_does_not_know_does_not_return_before_it_does()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCacheOptions options = Options(OptionsOf(server.Port));
        var raced = new RacedServer(new RedisCoherenceServer(options));
        await using var a = new RedisCoherentCache(options, raced, null, null);
        await a.StartAsync();
        Assert.Equal(1, await GetAsync(a, "key"));
        Patience.Until(() => server.Run("exists", "mmunotifier:value:key") == "1", "Redis has the value");
        raced.FailsSyncs = true;
        server.Run("del", State);
        Source = 2;
        await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => a.RemoveAsync("key"));
        raced.FailsSyncs = false;
        await a.RemoveAsync("key");
        Assert.Equal(2, await GetAsync(a, "key"));
    }

    [Fact]
    public async Task Without_a_lease_so_many_lookups_load_at_a_time_and_others_wait_their_turn()
    {
        int port = RedisServerProcess.FreePort();
        RedisCoherentCache a = MakeNode(Options(OptionsOf(port)) with
        {
            MaxUncachedLoads = 2,
            UncachedLoadWait = TimeSpan.FromMilliseconds(50),
            LeaseDuration = TimeSpan.FromMilliseconds(200),
            Redis = ShortConnect(port),
        });
        await a.StartAsync();
        Assert.False(a.HasLease);
        var gate = new TaskCompletionSource();
        Task<int>[] loads =
            [.. Enumerable.Range(0, 2).Select(_ => a.GetOrLoadAsync<int>("key", async _ =>
            {
                await gate.Task;
                return 1;
            }).AsTask())];
        await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => GetAsync(a, "key"));
        gate.SetResult();
        await Task.WhenAll(loads);
        Assert.Equal(1, await GetAsync(a, "key"));
        Assert.Equal(0, a.Count);
    }

    [Fact]
    public async Task Without_a_lease_a_loader_may_look_up_another_key_and_not_its_own()
    {
        RedisCoherentCache node = MakeNode(Options(OptionsOf(1)) with { MaxUncachedLoads = 1 });
        Assert.Equal(3, await node.GetOrLoadAsync<int>("one", async _ => await GetAsync(node, "two") + await GetAsync(node, "three") + 1));
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await node.GetOrLoadAsync<int>("one", async _ => await AskAgainAsync()));
        Assert.Contains("'one'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, await GetAsync(node, "one"));

        async Task<int> AskAgainAsync() => await node.GetOrLoadAsync<int>("two", async _ => await GetAsync(node, "one"));
    }

    [Fact]
    public async Task An_invalidation_that_Redis_may_not_publish_leaves_nothing_in_the_log()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(
            Options(OptionsOf(server.Port)) with { InvalidationTimeout = TimeSpan.FromMilliseconds(300) });
        server.Run("acl", "setuser", "default", "-publish");
        InvalidationOutcomeUnknownException exception =
            await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => a.RemoveAsync("key"));
        Assert.Contains("The user", exception.Message, StringComparison.Ordinal);
        Assert.Equal("0", server.Run("exists", Log));
    }

    /// <summary>A lease is so long that no poll comes: what arrives was pushed.</summary>
    [Fact]
    public async Task A_prefix_of_channels_in_the_options_keeps_no_message_away()
    {
        RedisServerProcess server = StartServer();
        ConfigurationOptions redis = OptionsOf(server.Port);
        redis.ChannelPrefix = RedisChannel.Literal("prefix:");
        RedisCoherentCacheOptions options = Options(redis) with { LeaseDuration = TimeSpan.FromMinutes(10) };
        RedisCoherentCache a = await StartNodeAsync(options);
        RedisCoherentCache b = await StartNodeAsync(options);
        await a.RemoveAsync("key");
        Patience.Until(() => b.Node.Position is { Sequence: 1 }, "the other node has it");
    }

    [Fact]
    public async Task A_cache_that_is_disposed_while_it_connects_leaves_no_connection()
    {
        RedisServerProcess server = StartServer();
        for (int i = 0; i < 20; i++)
        {
            RedisCoherentCache node = MakeNode(Options(OptionsOf(server.Port)));
            Task start = node.StartAsync();
            for (int turn = 0; turn < i; turn++)
                await Task.Yield();
            await node.DisposeAsync();
            await Task.WhenAny(start, Task.Delay(Patience.Limit));
            Assert.True(start.IsCompleted);
            Assert.True(start.IsCompletedSuccessfully || start.Exception!.InnerException is ObjectDisposedException);
        }

        Patience.Until(
            () => server.Run("client", "list").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 1, "the connections close");
    }

    [Fact]
    public async Task A_start_that_Redis_refuses_says_why()
    {
        RedisServerProcess server = StartServer();
        server.Run("config", "set", "requirepass", "secret");
        RedisCoherentCache node =
            MakeNode(Options(OptionsOf(server.Port)) with { WhenUnavailable = RedisUnavailableBehavior.Throw });
        RedisCacheUnavailableException exception = await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => node.StartAsync());
        Assert.Contains("NOAUTH", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_lease_lookups_throw_if_the_options_say_so()
    {
        int port = RedisServerProcess.FreePort();
        RedisCoherentCache a = MakeNode(Options(ShortConnect(port)) with
        {
            WhenUnavailable = RedisUnavailableBehavior.Throw,
            LeaseDuration = TimeSpan.FromMilliseconds(200),
        });
        await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => a.StartAsync());
        await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => GetAsync(a, "key"));
        Assert.Equal(0, Loads);
    }

    [Fact]
    public async Task A_clock_that_jumps_makes_a_node_forget_everything()
    {
        RedisServerProcess server = StartServer();
        var time = new JumpingTime();
        var log = new TestLog();
        RedisCoherentCache a = await StartNodeAsync(
            Options(OptionsOf(server.Port)) with { UseSecondLevel = false, Local = new() { TimeProvider = time } }, log);
        Assert.Equal(1, await GetAsync(a, "key"));
        time.Jump = TimeSpan.FromHours(1);
        Patience.Until(() => Kept(a, "key") is null, "it is forgotten");
        Patience.Until(() => a.HasLease, "the node continues");
        Assert.Contains(log.Entries, each => each.Text.Contains("clock", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scope_of_an_owner_that_cannot_be_reached_ends_by_itself_and_its_end_throws()
    {
        RedisServerProcess server = StartServer();
        CuttingProxy proxy = StartProxy(server);
        RedisCoherentCacheOptions options = Options(OptionsOf(server.Port)) with { MaxScopeDuration = TimeSpan.FromMilliseconds(400) };
        RedisCoherentCache b = await StartNodeAsync(options);
        RedisCoherentCache owner = await StartNodeAsync(options with { Redis = OptionsOf(proxy.Port) });
        RedisCacheInvalidation scope = await owner.StartInvalidationAsync([CacheName.Prefix("user:")]);
        Patience.Until(() => !b.Node.Scopes.IsEmpty, "the scope is known");
        proxy.Cut();
        Assert.Equal(1, await GetAsync(b, "user:1"));
        Patience.Until(() => b.Node.Scopes.IsEmpty, "the scope ends");
        Assert.Equal(1, await GetAsync(b, "user:1"));
        UntilKept(1, b, "user:1");
        proxy.Mend();
        Source = 2;
        InvalidationOutcomeUnknownException exception = await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(
            async () => await scope.DisposeAsync());
        Assert.Contains("had ended before", exception.Message, StringComparison.Ordinal);
        Patience.Until(() => Kept(b, "user:1") is null, "its names are invalidated");
    }

    private static StackExchange.Redis.ConfigurationOptions ShortConnect(int port)
    {
        StackExchange.Redis.ConfigurationOptions options = OptionsOf(port);
        options.ConnectTimeout = 200;
        options.ConnectRetry = 1;
        return options;
    }

    /// <summary>Two strict nodes that keep "key" and "other"; the second one hears nothing any more, and has a lease.</summary>
    private async Task<(RedisCoherentCache A, RedisCoherentCache B, CuttingProxy Proxy)> StartHeldPairAsync(RedisServerProcess server)
    {
        CuttingProxy proxy = StartProxy(server);
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(Options(OptionsOf(proxy.Port), isStrict: true));
        foreach (RedisCoherentCache node in (RedisCoherentCache[])[a, b])
        {
            Assert.Equal(1, await GetAsync(node, "key"));
            Assert.Equal(1, await GetAsync(node, "other"));
        }

        await a.RemoveAsync("settles the epoch");
        proxy.Hold();
        return (a, b, proxy);
    }

    private static async Task RetryAsync(Func<Task> action)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await action();
                return;
            }
            catch (InvalidationOutcomeUnknownException) when (attempt < 20)
            {
                // Unknown: again.
            }
        }
    }
}
