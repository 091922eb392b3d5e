using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>A Redis Cluster of two primaries: state and log are in one slot, values in all.</summary>
public sealed class ClusterTests : RedisCacheTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodes_are_coherent_over_a_cluster(bool isStrict)
    {
        (RedisServerProcess first, RedisServerProcess second) = StartCluster();
        RedisCoherentCache a = await StartNodeAsync(Options(OptionsOf(first.Port), isStrict));
        RedisCoherentCache b = await StartNodeAsync(Options(OptionsOf(second.Port), isStrict));
        for (int i = 0; i < 20; i++)
        {
            string key = $"user:{i}";
            Source = i;
            Assert.Equal(i, await GetAsync(a, key));
            Patience.Until(() => Redis(first, second, "exists", $"mmunotifier:value:{key}") == "1", "the cluster has it");
            Source = 1000 + i;
            Assert.Equal(i, await GetAsync(b, key));
            await a.RemoveAsync(key);
            Patience.Until(() => Kept(b, key) is null, "the message arrives");
            Assert.Equal(1000 + i, await GetAsync(b, key));
        }
    }

    /// <summary>On a cluster a command without a key, as WAIT, may go to any server: it must go to the one that has the log.</summary>
    [Fact]
    public async Task A_strict_invalidation_on_a_cluster_waits_for_the_replica_of_the_log()
    {
        (RedisServerProcess log, RedisServerProcess other) = StartClusterByLog();
        RedisServerProcess replicaOfLog = AddReplica(log);
        AddReplica(other);
        RedisCoherentCacheOptions options = Options(OptionsOf(other.Port, log.Port), isStrict: true) with { Replicas = 1 };
        RedisCoherentCache a = await StartNodeAsync(options);
        RedisCoherentCache b = await StartNodeAsync(options);
        RedisCoherentCache impatient = await StartNodeAsync(options with { InvalidationTimeout = TimeSpan.FromMilliseconds(500) });
        for (int i = 0; i < 20; i++)
        {
            Source = i;
            Assert.Equal(i, await GetAsync(b, "key"));
            await a.RemoveAsync("key");
            Assert.Null(Kept(b, "key"));
        }

        replicaOfLog.Signal("STOP");
        for (int i = 0; i < 5; i++)
            await Assert.ThrowsAsync<InvalidationOutcomeUnknownException>(() => impatient.RemoveAsync("key"));
        Patience.Until(() => !b.HasLease, "no lease without the replica");
        replicaOfLog.Signal("CONT");
        Patience.Until(() => b.HasLease && a.HasLease, "the replica is back");
        await a.RemoveAsync("key");
    }

    [Fact]
    public async Task A_failover_of_a_cluster_loses_no_strict_invalidation()
    {
        (RedisServerProcess log, RedisServerProcess other) = StartClusterByLog();
        RedisServerProcess replica = AddReplica(log);
        RedisCoherentCacheOptions options = Options(OptionsOf(other.Port, log.Port, replica.Port), isStrict: true) with { Replicas = 1 };
        RedisCoherentCache a = await StartNodeAsync(options);
        RedisCoherentCache b = await StartNodeAsync(options);
        Assert.Equal(1, await GetAsync(b, "key"));
        string epoch = b.Node.Position!.Epoch;
        // A promotion counts if its epoch is newer than all others: so the replica must know of them.
        Patience.Until(() => EpochOf(replica) == EpochOf(log) && EpochOf(other) == EpochOf(log), "all know the newest epoch");
        Assert.Equal("OK", replica.Run("cluster", "failover", "takeover"));
        Patience.Until(() => replica.Run("role").StartsWith("master", StringComparison.Ordinal), "the replica is promoted");
        Source = 2;
        // The old primary follows after some moments; until then an invalidation throws, as it does while the clients look for the new one.
        await UntilAsync(() => RemovesAsync(a, "key"), "the removal");
        Assert.Null(Kept(b, "key"));
        Assert.Equal(2, await GetAsync(b, "key"));
        Patience.Until(() => a.HasLease && b.HasLease && b.Node.Position?.Epoch is { } now && now != epoch, "both are on the new server");
    }

    private static string LogKey => $"{{{new RedisCoherentCacheOptions().KeyPrefix}}}:log";

    private static async Task<bool> RemovesAsync(RedisCoherentCache node, string key)
    {
        try
        {
            await node.RemoveAsync(key);
            return true;
        }
        catch (InvalidationOutcomeUnknownException)
        {
            return false;
        }
    }

    /// <summary>Two primaries.</summary>
    private (RedisServerProcess First, RedisServerProcess Second) StartCluster()
    {
        RedisServerProcess first = StartClusterServer();
        RedisServerProcess second = StartClusterServer();
        Assert.Equal("OK", first.Run("cluster", "addslotsrange", "0", "8191"));
        Assert.Equal("OK", second.Run("cluster", "addslotsrange", "8192", "16383"));
        Assert.Equal("OK", second.Run("cluster", "set-config-epoch", "2"));
        Assert.Equal("OK", first.Run("cluster", "meet", "127.0.0.1", second.Port.ToString(CultureInfo.InvariantCulture)));
        Patience.Until(() => IsWhole(first) && IsWhole(second), "the cluster is whole");
        return (first, second);
    }

    /// <summary>Which of them has the log, and which has not.</summary>
    private (RedisServerProcess Log, RedisServerProcess Other) StartClusterByLog()
    {
        (RedisServerProcess first, RedisServerProcess second) = StartCluster();
        return first.Run("exists", LogKey).StartsWith("MOVED", StringComparison.Ordinal) ? (second, first) : (first, second);
    }

    private RedisServerProcess AddReplica(RedisServerProcess primary)
    {
        RedisServerProcess replica = StartClusterServer();
        Assert.Equal("OK", replica.Run("cluster", "meet", "127.0.0.1", primary.Port.ToString(CultureInfo.InvariantCulture)));
        string id = primary.Run("cluster", "myid");
        Patience.Until(() => replica.Run("cluster", "replicate", id) == "OK", "the replica knows its primary");
        UntilFollows(replica, primary);
        return replica;
    }

    private RedisServerProcess StartClusterServer() => StartServer("--cluster-enabled", "yes", "--repl-diskless-sync-delay", "0");

    private static string Redis(RedisServerProcess first, RedisServerProcess second, params string[] command)
    {
        string answer = first.Run(command);
        return answer.StartsWith("MOVED", StringComparison.Ordinal) ? second.Run(command) : answer;
    }

    private static string EpochOf(RedisServerProcess server) => server.Run("cluster", "info").Split('\n')
        .Single(line => line.StartsWith("cluster_current_epoch:", StringComparison.Ordinal)).Trim();

    private static bool IsWhole(RedisServerProcess server)
    {
        string info = server.Run("cluster", "info");
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains("cluster_known_nodes:2", StringComparison.Ordinal)
            && info.Contains("cluster_size:2", StringComparison.Ordinal);
    }
}
