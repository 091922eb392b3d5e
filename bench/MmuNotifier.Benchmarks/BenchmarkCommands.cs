using System.CommandLine;
using MmuNotifier.Benchmarks.Caches;
using MmuNotifier.Benchmarks.Caching;
using MmuNotifier.Benchmarks.Caching.Races;
using MmuNotifier.Benchmarks.Caching.Races.Nodes;
using MmuNotifier.Benchmarks.Cores;
using MmuNotifier.Benchmarks.Pauses;

namespace MmuNotifier.Benchmarks;

/// <summary>What the benchmarks are called by.</summary>
internal static class BenchmarkCommands
{
    internal static RootCommand Create() => new("Benchmarks of MmuNotifier: ratios measured side by side in one run.")
    {
        CoreCommand.Create(),
        CoreSideCommand.Create(),
        CachingCommand.Create(),
        CacheRacesCommand.Create(),
        NodeRacesCommand.Create(),
        RedisCachingCommand.Create(),
        GrowthCommand.Create(),
        PassesCommand.Create(),
        PausesCommand.Create(),
        PeersCommand.Create(),
        PeersSideCommand.Create(),
        RedisCommand.Create(),
        TableCommand.Create(),
        VerifyCommand.Create(),
    };
}
