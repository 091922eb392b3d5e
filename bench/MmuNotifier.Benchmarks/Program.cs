using System.CommandLine;
using MmuNotifier.Benchmarks;
using MmuNotifier.Benchmarks.Caches;
using MmuNotifier.Benchmarks.Caching;
using MmuNotifier.Benchmarks.Caching.Races;
using MmuNotifier.Benchmarks.Caching.Races.Nodes;
using MmuNotifier.Benchmarks.Cores;
using MmuNotifier.Benchmarks.Pauses;

var root = new RootCommand("Benchmarks of MmuNotifier: ratios measured side by side in one run.")
{
    CoreCommand.Create(),
    CoreSideCommand.Create(),
    CachingCommand.Create(),
    CacheRacesCommand.Create(),
    NodeRacesCommand.Create(),
    RedisCachingCommand.Create(),
    GrowthCommand.Create(),
    PausesCommand.Create(),
    PeersCommand.Create(),
    PeersSideCommand.Create(),
    RedisCommand.Create(),
    TableCommand.Create(),
    VerifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
