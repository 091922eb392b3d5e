using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MmuNotifier.Tool.Core;

/// <summary>The command line of <c>mmun core</c>.</summary>
internal static class CoreCommand
{
    private const int KeptCores = 6;
    private const PosixSignal UserSignal1 = (PosixSignal)10;
    private const PosixSignal UserSignal2 = (PosixSignal)12;

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
        Option<TimeSpan> maxThrottle = Time("--max-throttle", "SECONDS", 1000, 10, "How long the copy may go on before that. A process "
            + "that writes faster than it is copied is slowed down meanwhile, by stops that are shorter than --max-stop.");
        var dontDump = new Option<bool>("--include-dontdump")
        {
            Description = "Write memory that the program has excluded from its cores (MADV_DONTDUMP) as well.",
        };
        var noCollectorWait = new Option<bool>("--no-gc-wait")
        {
            Description = "Of a .NET process: do not wait for a moment outside of its garbage collections, "
                + "in which the heap can be walked.",
        };
        var children = new Option<bool>("--children")
        {
            Description = "Stop all descendants of the process at the same moment, and write a core of each: FILE, "
                + "and FILE.N of the others.",
        };
        var after = new Option<double?>("--after")
        {
            Description = "Of a launched program: take its core after so many seconds.",
            HelpName = "SECONDS",
        };
        var onSignal = new Option<string?>("--on-signal")
        {
            Description = "Of a launched program: take a core of it whenever mmun gets this signal.",
            HelpName = "USR1|USR2",
        };
        onSignal.AcceptOnlyFromAmong("USR1", "USR2");
        var every = new Option<double?>("--every")
        {
            Description = "Take a core again and again, one in so many seconds, until the process or mmun ends: FILE.1, FILE.2 and so on. "
                + "What has not changed is not copied from the process again.",
            HelpName = "SECONDS",
        };
        var keep = new Option<int>("--keep")
        {
            Description = "With --every: how many cores are kept; older ones are removed.",
            HelpName = "N",
            DefaultValueFactory = _ => KeptCores,
        };
        var program = new Argument<string[]>("program")
        {
            Description = "The program to launch and its arguments, after --; mmun ends when it ends.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "core",
            "Write a core file of a live process (--pid N, or -- PROGRAM ARGS... to launch one). Most of its memory is copied "
                + "while it runs. gdb, lldb, eu-stack and dotnet-dump open it. Exit code 0: it is written; 2: it is not, "
                + "and one line on standard error says why.")
        {
            process, output, maxStop, maxThrottle, dontDump, noCollectorWait, children, after, onSignal, every, keep, program,
        };
        command.Validators.Add(result =>
        {
            string[] words = result.GetValue(program) ?? [];
            bool isKeepGiven = result.GetResult(keep) is { Implicit: false };
            bool isRepeated = result.GetResult(every) is not null;
            bool isTimed = result.GetResult(after) is not null || result.GetResult(onSignal) is not null;
            bool hasProcess = result.GetResult(process) is not null;
            if (words is [['-', ..], ..])
                result.AddError($"There is no option '{words[0]}'.");
            else if (hasProcess == words.Length > 0)
                result.AddError("Say of which process: --pid N for a running one, or -- PROGRAM ARGS... to launch one.");
            else if (isTimed && (hasProcess || isRepeated))
                result.AddError("--after and --on-signal are for a launched program, and not for --every.");
            else if (!isTimed && !hasProcess && !isRepeated)
                result.AddError("Say when a launched program's core is taken: --after SECONDS, --on-signal USR2, or --every SECONDS.");
            else if ((isRepeated || result.GetValue(children)) && result.GetValue(output) == "-")
                result.AddError("Several cores do not fit into one stream: give --children and --every a file.");
            else if (isRepeated && !(result.GetValue(every) is > 0 and <= 1e6))
                result.AddError("--every takes a number of seconds above 0 and at most 1000000.");
            else if (isKeepGiven && !isRepeated)
                result.AddError("--keep is for --every.");
            else if (isKeepGiven && result.GetValue(keep) < 1)
                result.AddError("--keep takes a number of cores, 1 or more.");
        });
        command.SetAction((parsed, _) => Task.FromResult(CoreRun.Execute(new CoreRequest
        {
            ProcessId = parsed.GetValue(process),
            Program = parsed.GetValue(program) ?? [],
            Output = parsed.GetValue(output),
            WaitsForCollector = !parsed.GetValue(noCollectorWait),
            WithChildren = parsed.GetValue(children),
            After = parsed.GetValue(after) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Every = parsed.GetValue(every) is { } period ? TimeSpan.FromSeconds(period) : null,
            Keep = parsed.GetValue(keep),
            OnSignal = parsed.GetValue(onSignal) switch { "USR1" => UserSignal1, "USR2" => UserSignal2, _ => null },
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
