using System.CommandLine;
using System.Diagnostics;

namespace MmuNotifier.Benchmarks;

/// <summary>The command line of <c>table</c>.</summary>
internal static class TableCommand
{
    internal static Command Create()
    {
        var json = new Option<FileInfo?>("--json") { Description = "Also write the rows to this file, as JSON." };
        var rows = new Option<string?>("--rows") { Description = "Only the rows whose name contains this." };
        var quick = new Option<bool>("--quick") { Description = "Small rounds, to see that everything runs; the figures mean little." };
        var save = new Option<bool>("--save") { Description = "Write table and plots into bench/results/<cpu>; only of the whole table." };
        var folder = new Option<DirectoryInfo?>("--save-to") { Description = "Write table and plots into this folder instead." };
        var command = new Command(
            "table", "The whole table: the engine beside the kernel's algorithm written in C#, measured in turn in this process.")
        {
            json, rows, quick, save, folder,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(save) && (result.GetValue(quick) || result.GetValue(rows) is not null))
                result.AddError("--save is for the whole table: not with --quick or --rows.");
        });
        command.SetAction(parsed =>
        {
            MeasuringPlan plan = parsed.GetValue(quick) ? MeasuringPlan.Quick : MeasuringPlan.Full;
            TableReport report = Measure(plan, parsed.GetValue(rows), parsed.GetValue(quick));
            TableText.Write(report);
            if (parsed.GetValue(json) is { } file)
                TableJson.Write(file.FullName, report);
            if (parsed.GetValue(save))
                Console.WriteLine($"saved in {SavedResults.Write(report, plan)}");
            if (parsed.GetValue(folder) is { } other)
                SavedResults.Write(other.FullName, report, plan);
        });
        return command;
    }

    private static TableReport Measure(MeasuringPlan plan, string? filter, bool quick)
    {
        Machine machine = Machine.Here(); // Before anything is measured: it starts processes.
        var others = new OtherWork();
        long start = Stopwatch.GetTimestamp();
        var run = new TableRun(plan, filter);
        WholeTable.Run(run);
        return new TableReport(machine, others.Cores, Stopwatch.GetElapsedTime(start).TotalSeconds, quick, run.Rows);
    }
}
