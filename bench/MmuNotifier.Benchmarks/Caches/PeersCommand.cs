using System.CommandLine;
using System.Diagnostics;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>The command line of <c>peers</c>.</summary>
internal static class PeersCommand
{
    private const string FileName = "peers";

    internal static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Small rounds, to see that everything runs; the figures mean little." };
        var races = new Option<int?>("--races")
        {
            Description = "Changes of the memory in each race; 100,000 if it is not given, which takes minutes on a machine that is busy.",
        };
        var save = new Option<bool>("--save") { Description = "Write table and plot into bench/results/<cpu>." };
        var folder = new Option<DirectoryInfo?>("--save-to") { Description = "Write table and plot into this folder." };
        var command = new Command(
            "peers", "The registration cache beside UCX's, measured alternately; what packages do not reach is quoted.")
        {
            quick,
            races,
            save,
            folder,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(save) && result.GetValue(quick))
                result.AddError("--save is not for --quick.");
        });
        command.SetAction(parsed =>
        {
            bool isQuick = parsed.GetValue(quick);
            PeersPlan plan = isQuick ? PeersPlan.Quick : PeersPlan.Full;
            TableReport report = Measure(parsed.GetValue(races) is { } changes ? plan with { RaceIterations = changes } : plan, isQuick);
            Console.WriteLine();
            Console.Write(PeersMarkdown.Of(report));
            if (parsed.GetValue(save))
                Save(Path.Combine(Repository.Root, "bench", "results", report.Machine.Slug), report);
            if (parsed.GetValue(folder) is { } other)
                Save(other.FullName, report);
        });
        return command;
    }

    private static TableReport Measure(PeersPlan plan, bool quick)
    {
        Machine machine = Machine.Here();
        var others = new OtherWork();
        long start = Stopwatch.GetTimestamp();
        using var run = new PeersRun(plan);
        UnmapRows.Run(run);
        HitRows.Run(run);
        double otherCores = others.CoresBeside(run.ProcessorTime);
        RaceRows.Run(run);
        return new TableReport(machine, otherCores, Stopwatch.GetElapsedTime(start).TotalSeconds, quick, run.Rows);
    }

    private static void Save(string folder, TableReport report)
    {
        Directory.CreateDirectory(folder);
        TableJson.Write(Path.Combine(folder, $"{FileName}.json"), report);
        File.WriteAllText(Path.Combine(folder, $"{FileName}.md"), PeersMarkdown.Of(report));
        PeersPlot.Write(Path.Combine(folder, $"{FileName}.svg"), report.Rows);
        Console.WriteLine($"saved in {folder}");
    }
}
