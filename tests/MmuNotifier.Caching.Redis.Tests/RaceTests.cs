using System.Globalization;
using MmuNotifier.Benchmarks.Caching.Races;
using MmuNotifier.Benchmarks.Caching.Races.Nodes;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>
/// Forced races between three nodes in this process, over a real server, with real leases. MMUN_CACHE_RACES changes how many; the
/// benchmarks run the same in other caches.
/// </summary>
public sealed class RaceTests : RedisCacheTest
{
    private static readonly int s_races =
        int.TryParse(Environment.GetEnvironmentVariable("MMUN_CACHE_RACES"), CultureInfo.InvariantCulture, out int races) ? races : 2000;

    public static TheoryData<string, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, bool>();
            foreach (string kind in Enum.GetNames<NodeRaceKind>())
            {
                kinds.Add(kind, true);
                kinds.Add(kind, false);
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_lookup_gets_what_another_node_invalidated_inside_a_load(string kind, bool isStrict)
    {
        RedisServerProcess server = StartServer();
        NodeRaceKind parsed = Enum.Parse<NodeRaceKind>(kind);
        await using RedisNodesRaced nodes = await RedisNodesRaced.StartAsync(
            OptionsOf(server.Port), isStrict, TimeSpan.FromSeconds(5), parsed);
        RaceResult result = await NodeRace.RunAsync(nodes, parsed, s_races);
        Assert.Equal(new RaceResult(s_races, s_races, 0, 0), result);
    }
}
