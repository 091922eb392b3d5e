using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>A server, a replica of it, and promotion.</summary>
public sealed class FailoverTests : RedisCacheTest
{
    [Fact]
    public async Task A_failover_that_lost_the_tail_of_the_log_makes_all_forget()
    {
        RedisServerProcess first = StartServer();
        RedisServerProcess second = StartReplica(first);
        RedisCoherentCacheOptions options = Options(OptionsOf(first.Port, second.Port)) with { UseSecondLevel = false };
        RedisCoherentCache a = await StartNodeAsync(options);
        RedisCoherentCache b = await StartNodeAsync(options);
        Assert.Equal(1, await GetAsync(b, "key"));
        Assert.Equal(1, await GetAsync(b, "other"));
        second.Signal("STOP");
        await a.RemoveAsync("lost");
        await a.RemoveAsync("lost too");
        string epoch = b.Node.Position!.Epoch;
        first.Kill();
        second.Signal("CONT");
        second.Run("replicaof", "no", "one");
        Patience.Until(() => a.HasLease && b.HasLease && b.Node.Position?.Epoch is { } now && now != epoch, "both are on the new server");
        Assert.Null(Kept(b, "key"));
        Assert.Null(Kept(b, "other"));
        Source = 2;
        Assert.Equal(2, await GetAsync(b, "key"));
        Source = 3;
        await a.RemoveAsync("key");
        Patience.Until(() => Kept(b, "key") is null, "the message arrives");
    }

    [Fact]
    public async Task A_strict_invalidation_that_a_replica_does_not_have_throws()
    {
        RedisServerProcess first = StartServer();
        RedisServerProcess second = StartReplica(first);
        RedisCoherentCacheOptions options = Options(OptionsOf(first.Port), isStrict: true) with { Replicas = 1 };
        RedisCoherentCache a = await StartNodeAsync(options);
        RedisCoherentCache b = await StartNodeAsync(options);
        RedisCoherentCache impatient = await StartNodeAsync(options with { InvalidationTimeout = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(1, await GetAsync(b, "key"));
        await a.RemoveAsync("other");
        second.Signal("STOP");
        await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => impatient.RemoveAsync("key"));
        Patience.Until(() => !b.HasLease, "no lease without the replica");
        second.Signal("CONT");
        Patience.Until(() => b.HasLease, "the replica is back");
        await a.RemoveAsync("key");
        Assert.Null(Kept(b, "key"));
    }

    [Fact]
    public async Task When_two_servers_think_that_they_are_primary_nobody_is_stale()
    {
        RedisServerProcess old = StartServer();
        RedisServerProcess promoted = StartReplica(old);
        RedisCoherentCacheOptions options = Options(OptionsOf(old.Port), isStrict: true) with { Replicas = 1 };
        RedisCoherentCache onOld = await StartNodeAsync(options with { InvalidationTimeout = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(1, await GetAsync(onOld, "key"));
        promoted.Run("replicaof", "no", "one");
        RedisServerProcess replica = StartReplica(promoted);
        RedisCoherentCache onPromoted = await StartNodeAsync(options with { Redis = OptionsOf(promoted.Port) });
        Source = 2;
        await onPromoted.RemoveAsync("key");
        Assert.Null(Kept(onOld, "key"));
        Assert.Equal(2, await GetAsync(onPromoted, "key"));
        Source = 3;
        await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => onOld.RemoveAsync("key"));
        Assert.NotEqual(0, replica.Port);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Another_number_of_replicas_than_the_options_say_is_refused(int replicas)
    {
        RedisServerProcess first = StartServer();
        StartReplica(first);
        RedisCoherentCache a = MakeNode(Options(OptionsOf(first.Port), isStrict: true) with { Replicas = replicas });
        RedisCacheUnavailableException exception = await Assert.ThrowsAsync<RedisCacheUnavailableException>(() => a.StartAsync());
        Assert.Contains("replica", exception.Message, StringComparison.Ordinal);
        Assert.False(a.HasLease);
    }

    private RedisServerProcess StartReplica(RedisServerProcess primary)
    {
        RedisServerProcess replica = StartServer(
            "--replicaof", "127.0.0.1 " + primary.Port.ToString(CultureInfo.InvariantCulture), "--repl-diskless-sync-delay", "0");
        UntilFollows(replica, primary);
        return replica;
    }
}
