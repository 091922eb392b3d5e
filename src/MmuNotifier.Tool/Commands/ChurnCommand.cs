using System.CommandLine;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun churn</c>.</summary>
internal static class ChurnCommand
{
    internal static Command Create()
    {
        Option<int> seed = Values.Number(
            "--seed", "What the threads do; the schedule stays the machine's.", standard: 1, least: 0, most: int.MaxValue, "-s");
        Option<int> duration = Values.Number("--duration", "Seconds.", standard: 10, least: 1, most: 1_000_000, "-d");
        Option<int> threads = Values.Number(
            "--threads", "How many threads; each has regions and an io_uring of its own.", standard: 2, least: 1, most: 64, "-t");
        var bare = new Option<bool>("--bare")
        {
            Description = "Without the cache: buffers are registered once, and nobody hears of changes. Shows the corruption.",
        };
        var command = new ToolCommand(
            "churn",
            "Show the corruption that fixed buffers of an io_uring run into when memory changes, and the cure.",
            [
                new("mmun churn --bare", "without the cache: reads report success, and the bytes are wrong"),
                new("mmun churn -d 60 -t 4", "with the cache, for a minute on four threads: every byte is right"),
            ],
            [
                new("0", "every byte that was compared was right"),
                new("1", "a byte was wrong"),
                ExitCodeLine.Refused,
                ExitCodeLine.Interrupted,
            ],
            "Memory is mapped, unmapped, moved, dropped and forked at random while fixed buffers read and write it, and every byte is "
                + "compared with a model.")
        {
            seed, duration, threads, bare,
        };
        command.SetAction(parsed => ChurnRun.Execute(
            parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(duration)), parsed.GetValue(threads), parsed.GetValue(bare)));
        return command;
    }
}
