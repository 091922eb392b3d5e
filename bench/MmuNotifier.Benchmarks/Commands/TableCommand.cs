using System.CommandLine;

namespace MmuNotifier.Benchmarks;

/// <summary>The command line of <c>table</c>.</summary>
internal static class TableCommand
{
    internal static Command Create()
    {
        var json = new Option<FileInfo?>("--json") { Description = "Also write the rows to this file, as JSON." };
        var rows = new Option<string?>("--rows") { Description = "Only the rows whose name contains this." };
        var quick = new Option<bool>("--quick") { Description = "Small rounds, to see that everything runs; the figures mean little." };
        var save = new Option<bool>("--save") { Description = "Write table and plots into bench/results/<cpu>." };
        var command = new Command("table", "The whole table: the engine beside the kernel's algorithm written in C#, measured in turn in this process.")
        {
            json, rows, quick, save,
        };
        command.SetAction(parsed =>
        {
            var run = new TableRun(parsed.GetValue(quick) ? MeasuringPlan.Quick : MeasuringPlan.Full, parsed.GetValue(rows));
            WholeTable.Run(run);
            TableText.Write(run.Rows);
        });
        return command;
    }
}
