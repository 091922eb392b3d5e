using System.CommandLine;
using System.Globalization;
using System.Net;
using MmuNotifier.Tests.Shared;
using StackExchange.Redis;

namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>Forced races between three nodes over one Redis, in our cache and in others.</summary>
internal static class NodeRacesCommand
{
    private static readonly string[] s_names = ["strict", "bounded", "HybridCache + Redis", "FusionCache + backplane"];

    public static Command Create()
    {
        var races = new Option<int>("--races") { Description = "Races of each kind in ours.", DefaultValueFactory = _ => 2_000 };
        var peerRaces = new Option<int>("--peer-races") { Description = "In each of the others.", DefaultValueFactory = _ => 200 };
        var kinds = new Option<NodeRaceKind[]>("--kinds")
        {
            Description = "Which kinds.",
            DefaultValueFactory = _ => Enum.GetValues<NodeRaceKind>(),
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("caching-node-races", "Forces invalidations of one node into loads of another, over a Redis of its own.")
        {
            races,
            peerRaces,
            kinds,
        };
        command.SetAction(parsed => RunAsync(parsed.GetValue(kinds)!, parsed.GetValue(races), parsed.GetValue(peerRaces)));
        return command;
    }

    /// <returns>1 if a lookup of ours was stale, or a race did not overlap; otherwise 0.</returns>
    private static async Task<int> RunAsync(NodeRaceKind[] kinds, int races, int peerRaces)
    {
        using var server = new RedisServerProcess();
        var redis = new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, server.Port } } };
        Console.WriteLine("Stale lookups that began before the load had returned / after it, of so many races that overlapped:");
        Console.WriteLine();
        Console.WriteLine("| inside a load of another node | " + string.Join(" | ", s_names) + " |");
        Console.WriteLine("|---|" + string.Concat(s_names.Select(_ => "---|")));
        bool isRight = true;
        foreach (NodeRaceKind kind in kinds)
        {
            var cells = new List<string>();
            for (int cache = 0; cache < s_names.Length; cache++)
            {
                server.Run("flushall");
                await using INodesRaced nodes = await MakeAsync(cache, redis, kind).ConfigureAwait(false);
                if (!nodes.Supports(kind))
                {
                    cells.Add("–");
                    continue;
                }

                RaceResult result = await NodeRace.RunAsync(nodes, kind, cache < 2 ? races : peerRaces).ConfigureAwait(false);
                isRight &= cache >= 2 || result is { StaleJoined: 0, StaleAfter: 0 } && result.Overlapped == result.Races;
                cells.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{result.StaleJoined:N0} / {result.StaleAfter:N0} of {result.Overlapped:N0}"));
            }

            Console.WriteLine($"| {kind} | " + string.Join(" | ", cells) + " |");
        }

        return isRight ? 0 : 1;
    }

    private static async Task<INodesRaced> MakeAsync(int cache, ConfigurationOptions redis, NodeRaceKind kind) => cache switch
    {
        0 or 1 => await RedisNodesRaced.StartAsync(redis, isStrict: cache == 0, TimeSpan.FromSeconds(5), kind).ConfigureAwait(false),
        2 => new HybridNodesRaced(redis),
        _ => new FusionNodesRaced(redis, kind),
    };
}
