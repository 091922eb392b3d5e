using System.CommandLine;

namespace MmuNotifier.Benchmarks.Cores;

/// <summary>The command line of <c>core</c>.</summary>
internal static class CoreCommand
{
    private const int Runs = 20;
    private const int PeerRuns = 3;

    internal static Command Create()
    {
        var mmun = new Option<FileInfo>("--mmun")
        {
            Description = "What `dotnet publish src/MmuNotifier.Tool -r linux-x64` makes; without it, this build, run by the runtime.",
        };
        mmun.AcceptExistingOnly();
        var rows = new Option<string?>("--rows") { Description = "Only the targets whose name contains this." };
        var runs = new Option<int>("--runs") { Description = "Cores of each target.", DefaultValueFactory = _ => Runs };
        var peerRuns = new Option<int>("--peer-runs")
        {
            Description = "Cores of each target by gcore or dotnet-dump.",
            DefaultValueFactory = _ => PeerRuns,
        };
        var folder = new Option<DirectoryInfo>("--folder")
        {
            Description = "Where the cores are written, and removed again; it needs room for one.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
        };
        var save = new Option<bool>("--save") { Description = "Write the table into bench/results/<cpu>; only of all targets." };
        var command = new Command(
            "core",
            "`mmun core` beside gcore and dotnet-dump: the longest gap that a thread of the target sees, time, size, memory. Needs cc.")
        {
            mmun, rows, runs, peerRuns, folder, save,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(save) && result.GetValue(rows) is not null)
                result.AddError("--save is for all targets: not with --rows.");
        });
        RequireAtLeast(1, runs);
        RequireAtLeast(0, peerRuns);
        command.SetAction(parsed =>
        {
            Machine machine = Machine.Here();
            CoreTool tool = parsed.GetValue(mmun) is { } program ? CoreTool.Mmun(program.FullName) : CoreTool.MmunByRuntime;
            var benchmark = new CoreBenchmark(tool, parsed.GetValue(runs), parsed.GetValue(peerRuns), parsed.GetValue(folder)!.FullName);
            var measured = new List<CoreRow>();
            foreach (CoreLoad load in CoreBenchmark.Loads.Where(load => IsNamed(load, parsed.GetValue(rows))))
            {
                foreach (CoreRow row in benchmark.Measure(load))
                {
                    measured.Add(row);
                    Console.WriteLine(FormattableString.Invariant(
                        $"{load.Name}: {row.Tool.Name}: median {row.MedianStop:0.0} ms, worst {row.WorstStop:0.0} ms, {row.Time:0.00} s"));
                }
            }

            string text = CoreMarkdown.Of(machine, measured);
            Console.WriteLine();
            Console.Write(text);
            if (parsed.GetValue(save))
            {
                string path = Path.Combine(Repository.Root, "bench", "results", machine.Slug, "core.md");
                File.WriteAllText(path, text);
                Console.WriteLine($"saved in {path}");
            }
        });
        return command;
    }

    /// <summary>A validator of the option: the command's run before values that are not given have their defaults.</summary>
    private static void RequireAtLeast(int least, Option<int> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < least)
            result.AddError($"{option.Name} is at least {least}.");
    });

    private static bool IsNamed(CoreLoad load, string? part) =>
        part is null || load.Name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
