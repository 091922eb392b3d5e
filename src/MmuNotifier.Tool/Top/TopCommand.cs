using System.CommandLine;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Top;

/// <summary>The command line of <c>mmun top</c>.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);

    internal static Command Create()
    {
        var target = new TargetOptions();
        var once = new Option<bool>("--once")
        {
            Description = "Look for one interval, print what was seen, and end. So it is too where standard output is no terminal.",
        };
        var json = new Option<bool>("--json") { Description = "With --once: one line of JSON (docs/top.md describes it)." };
        Option<TimeSpan?> interval = Values.Seconds(
            "--interval",
            "How often to look; 0.5 if nothing is said. If looks would hold the process up for more than 5 % of its time, they come less "
                + "often.");
        string[] columns = [.. Enum.GetNames<TopSort>().Select(name => name.ToLowerInvariant())];
        Option<string?> sort = Values.Word("--sort", "By what the mappings are sorted.", columns[0], "COLUMN", columns);
        sort.Aliases.Add("-s");
        var filter = new Option<string>("--filter", "-f")
        {
            Description = "Only mappings whose name, permissions or addresses contain the text.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        var command = new ToolCommand(
            "top",
            "Show what a live process does to its memory, as it does it.",
            [
                new("mmun top -p 4711", "each mapping with its pages: what is written, what grows, what comes and goes"),
                new("mmun top -- PROGRAM ARGS...", "the same of a program that mmun launches; what it prints is dropped"),
                new("mmun top -p 4711 --once --json --sort growth", "for scripts: what has grown most"),
            ],
            [
                new("0", "it has ended as it was asked to, or with the process"),
                ExitCodeLine.Refused,
            ],
            "Keys: s sorts, / filters, Enter opens a mapping page by page, Space pauses, ? helps, q quits. Nothing of the process is "
                + "changed; the screen says what looking costs it.")
        {
            target.Process, once, json, interval, sort, filter, target.Program,
        };
        command.Validators.Add(target.Validate);
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && !result.GetValue(once))
                result.AddError("--json is for --once; mmun record writes everything down.");
        });
        command.SetAction((parsed, _) => Task.FromResult(TopRun.Execute(new TopRequest
        {
            ProcessId = parsed.GetValue(target.Process),
            Program = parsed.GetValue(target.Program) ?? [],
            IsOnce = parsed.GetValue(once),
            IsJson = parsed.GetValue(json),
            Interval = parsed.GetValue(interval) ?? s_interval,
            Sort = Enum.Parse<TopSort>(parsed.GetValue(sort)!, ignoreCase: true),
            Filter = parsed.GetValue(filter)!,
        })));
        return command;
    }
}
