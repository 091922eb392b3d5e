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
        RedisServerProcess first = StartServer("--cluster-enabled", "yes");
        RedisServerProcess second = StartServer("--cluster-enabled", "yes");
        Assert.Equal("OK", first.Run("cluster", "addslotsrange", "0", "8191"));
        Assert.Equal("OK", second.Run("cluster", "addslotsrange", "8192", "16383"));
        Assert.Equal("OK", second.Run("cluster", "set-config-epoch", "2"));
        Assert.Equal("OK", first.Run("cluster", "meet", "127.0.0.1", second.Port.ToString(CultureInfo.InvariantCulture)));
        Patience.Until(() => IsWhole(first) && IsWhole(second), "the cluster is whole");
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

    private static string Redis(RedisServerProcess first, RedisServerProcess second, params string[] command)
    {
        string answer = first.Run(command);
        return answer.StartsWith("MOVED", StringComparison.Ordinal) ? second.Run(command) : answer;
    }

    private static bool IsWhole(RedisServerProcess server)
    {
        string info = server.Run("cluster", "info");
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains("cluster_known_nodes:2", StringComparison.Ordinal)
            && info.Contains("cluster_size:2", StringComparison.Ordinal);
    }
}
