using System.CommandLine;
using System.Globalization;

namespace MmuNotifier.Tool.Core;

/// <summary>The command line of <c>mmun core</c>.</summary>
internal static class CoreCommand
{
    internal static Command Create()
    {
        var process = new Option<int?>("--pid")
        {
            Description = "The number of the running process.",
            HelpName = "N",
            CustomParser = result =>
            {
                string text = result.Tokens.Single().Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
                    return number;
                result.AddError($"--pid takes the number of a process, such as 4711; not '{text}'.");
                return null;
            },
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The file, which is replaced if it exists; - for standard output, as a stream without holes. "
                + "Without it: core.N.",
            HelpName = "FILE",
        };
        Option<TimeSpan> maxStop = Time("--max-stop", "MS", 1, 100, "How many milliseconds the process may be stopped for the copy of what "
            + "it has written last. If that is not enough, no core is written, and the exit code is 2.");
        Option<TimeSpan> maxThrottle = Time("--max-throttle", "SECONDS", 1000, 10, "How long a process that writes as fast as it is copied "
            + "may be slowed down before that.");
        var dontDump = new Option<bool>("--include-dontdump")
        {
            Description = "Write memory that the program has excluded from its cores (MADV_DONTDUMP) as well.",
        };
        var command = new Command(
            "core",
            "Write a core file of a live process, which is stopped for some milliseconds only. gdb, lldb, eu-stack and dotnet-dump open "
                + "it. Exit code 0: it is written; 2: it is not, and one line on standard error says why.")
        {
            process, output, maxStop, maxThrottle, dontDump,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(process) is null)
                result.AddError("Say of which process: --pid N.");
        });
        command.SetAction((parsed, _) => Task.FromResult(CoreRun.Execute(new CoreRequest
        {
            ProcessId = parsed.GetValue(process),
            Output = parsed.GetValue(output),
            MaxStop = parsed.GetValue(maxStop),
            MaxThrottle = parsed.GetValue(maxThrottle),
            IncludesExcluded = parsed.GetValue(dontDump),
        })));
        return command;
    }

    private static Option<TimeSpan> Time(string name, string unit, double unitMilliseconds, double standard, string description) =>
        new(name)
        {
            Description = description,
            HelpName = unit,
            DefaultValueFactory = _ => TimeSpan.FromMilliseconds(standard * unitMilliseconds),
            CustomParser = result =>
            {
                string text = result.Tokens.Single().Value;
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is > 0 and <= 1e6)
                    return TimeSpan.FromMilliseconds(number * unitMilliseconds);
                result.AddError($"{name} takes a number above 0 and at most 1000000; not '{text}'.");
                return default;
            },
        };
}
