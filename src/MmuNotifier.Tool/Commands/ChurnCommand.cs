using System.CommandLine;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun churn</c>.</summary>
internal static class ChurnCommand
{
    internal static Command Create()
    {
        Option<int> seed = Numbers.Option("--seed", "What the threads do; the schedule stays the machine's.", 1, 0, int.MaxValue);
        Option<int> duration = Numbers.Option("--duration", "Seconds.", 10, 1, 1_000_000);
        Option<int> threads = Numbers.Option("--threads", "How many threads; each has regions and an io_uring of its own.", 2, 1, 64);
        var bare = new Option<bool>("--bare")
        {
            Description = "Without the cache: buffers are registered once, and nobody hears of changes. Shows the corruption.",
        };
        var command = new Command(
            "churn",
            "Map, unmap, move, drop and fork memory at random while fixed buffers of an io_uring read and write it, and compare every "
                + "byte with a model. Exit code 0: all were right; 1: one was wrong; 2: it could not be done.")
        {
            seed, duration, threads, bare,
        };
        command.SetAction(parsed => ChurnRun.Execute(
            parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(duration)), parsed.GetValue(threads), parsed.GetValue(bare)));
        return command;
    }
}
