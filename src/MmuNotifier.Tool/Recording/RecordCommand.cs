using System.CommandLine;
using System.Globalization;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Recording;

/// <summary>The command line of <c>mmun record</c>.</summary>
internal static class RecordCommand
{
    private const long LeastBytes = 64 << 10, StandardBytes = 256 << 20, MostBytes = 1L << 40;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.25);

    internal static Command Create()
    {
        var target = new TargetOptions();
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The file, which is replaced if it exists. Without it: mmun-N.rec.",
            HelpName = "FILE",
        };
        Option<TimeSpan?> interval = Values.Seconds(
            "--interval",
            "How often to look; 0.25 if nothing is said. If looks would hold the process up for more than 5 % of its time, they come less "
                + "often.");
        Option<TimeSpan?> duration = Values.Seconds("--duration", "End after so many seconds.");
        var size = new Option<long>("--max-size")
        {
            Description = "The most bytes that the file may have, such as 500K, 64M or 2G; 256M if nothing is said. When the next look has "
                + "no room, the recording ends, and says so.",
            HelpName = "SIZE",
            CustomParser = result =>
            {
                string text = result.Tokens.Single().Value;
                if (TryParseSize(text, out long bytes) && bytes is >= LeastBytes and <= MostBytes)
                    return bytes;
                result.AddError($"--max-size takes a size from 64K to 1024G, such as 64M; not '{text}'.");
                return StandardBytes;
            },
        };
        var command = new ToolCommand(
            "record",
            "Write down what a live process does to its memory.",
            [
                new("mmun record -p 4711 -o service.rec", "until Ctrl-C, or until the process ends"),
                new("mmun record -p 4711 -o service.rec --duration 60", "for a minute"),
                new("mmun record -o run.rec -- PROGRAM ARGS...", "a program from its first instruction to its end"),
                new("mmun report service.rec", "what was recorded"),
            ],
            [
                new("0", "it is recorded, as much of it as --max-size permits"),
                ExitCodeLine.Refused,
            ],
            "Every mapping made, moved, protected, dropped and freed, every fork, and which pages are written between two looks, with "
                + "their times. The file can be read also if mmun is killed.")
        {
            target.Process, output, interval, duration, size, target.Program,
        };
        command.Validators.Add(target.Validate);
        command.SetAction((parsed, _) => Task.FromResult(RecordRun.Execute(new RecordRequest
        {
            ProcessId = parsed.GetValue(target.Process),
            Program = parsed.GetValue(target.Program) ?? [],
            Output = parsed.GetValue(output),
            Interval = parsed.GetValue(interval) ?? s_interval,
            Duration = parsed.GetValue(duration),
            MaxBytes = parsed.GetResult(size) is null ? StandardBytes : parsed.GetValue(size),
        })));
        return command;
    }

    private static bool TryParseSize(string text, out long bytes)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) && bytes <= MostBytes >> shift;
        bytes = isNumber ? bytes << shift : 0;
        return isNumber;
    }
}
