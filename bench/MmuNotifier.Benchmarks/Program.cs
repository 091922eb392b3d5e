using System.CommandLine;
using MmuNotifier.Benchmarks;
using MmuNotifier.Benchmarks.Caches;

var root = new RootCommand("Benchmarks of MmuNotifier: ratios measured side by side in one run.")
{
    PeersCommand.Create(),
    PeersSideCommand.Create(),
    RedisCommand.Create(),
    TableCommand.Create(),
    VerifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
