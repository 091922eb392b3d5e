using System.CommandLine;

namespace MmuNotifier.Benchmarks;

/// <summary>The command line of <c>redis</c>: what a redis-server pays for being mirrored.</summary>
internal static class RedisCommand
{
    internal static Command Create()
    {
        var pairs = new Option<int>("--pairs")
        {
            Description = "How many pairs of runs, without and with the mirror.",
            DefaultValueFactory = _ => 5,
        };
        var seconds = new Option<int>("--seconds") { Description = "About how long each run takes.", DefaultValueFactory = _ => 8 };
        var mebibytes = new Option<int>("--mib")
        {
            Description = "About how much data the server holds, in MiB.",
            DefaultValueFactory = _ => 128,
        };
        var verify = new Option<double?>("--verify")
        {
            Description = "Let the mirror verify every so many seconds; without it only once, at the end of a run.",
        };
        var command = new Command("redis", "SET/s of redis-benchmark without and with `mmun mirror` attached to the server, alternating, "
            + "on the same server; and the catch-up time of the mirror's freezes. Needs redis-server and redis-benchmark.")
        {
            pairs, seconds, mebibytes, verify,
        };
        command.SetAction(parsed => RedisBenchmark.Run(
            parsed.GetValue(pairs), parsed.GetValue(seconds), parsed.GetValue(mebibytes), parsed.GetValue(verify)));
        return command;
    }
}
