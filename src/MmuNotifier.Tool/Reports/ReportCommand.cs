using System.CommandLine;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Reports;

/// <summary>The command line of <c>mmun report</c>.</summary>
internal static class ReportCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A recording of mmun record, also one that is not whole." };
        var json = new Option<bool>("--json") { Description = "One line of JSON with all rows (docs/reports.md describes it)." };
        var html = new Option<string?>("--html")
        {
            Description = "Write one page that needs nothing else: the address space against time, with writes and events.",
            HelpName = "OUT",
        };
        var trace = new Option<string?>("--trace")
        {
            Description = "Write the Trace Event Format of Chrome, which https://ui.perfetto.dev opens.",
            HelpName = "OUT",
        };
        var command = new ToolCommand(
            "report",
            "Show a recording of mmun record.",
            [
                new("mmun report service.rec", "tables: what grows, what is written most, what comes and goes"),
                new("mmun report service.rec --html report.html", "a page for the browser"),
                new("mmun report service.rec --trace trace.json", "for https://ui.perfetto.dev"),
            ],
            [
                new("0", "it is shown"),
                ExitCodeLine.Refused,
            ],
            "It answers which mapping grows and how, which is written most, what is unmapped and mapped again at once, what is mapped and "
                + "never touched, and what a core file would have cost.")
        {
            file, json, html, trace,
        };
        command.SetAction((parsed, _) => Task.FromResult(ReportRun.Execute(new ReportRequest(
            parsed.GetValue(file)!, parsed.GetValue(json), parsed.GetValue(html), parsed.GetValue(trace)))));
        return command;
    }
}
