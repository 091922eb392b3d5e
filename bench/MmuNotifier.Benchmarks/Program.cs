using System.CommandLine;
using MmuNotifier.Benchmarks;

var root = new RootCommand("Benchmarks of MmuNotifier: ratios measured side by side in one run.")
{
    RedisCommand.Create(),
    TableCommand.Create(),
    VerifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
