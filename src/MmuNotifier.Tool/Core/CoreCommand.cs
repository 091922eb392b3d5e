using System.CommandLine;
using System.Runtime.InteropServices;
using MmuNotifier.Processes;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Core;

/// <summary>The command line of <c>mmun core</c>.</summary>
internal static class CoreCommand
{
    private const int KeptCores = 6;
    private const PosixSignal UserSignal1 = (PosixSignal)10;
    private const PosixSignal UserSignal2 = (PosixSignal)12;
    private static readonly CoreOptions s_standard = new();

    internal static Command Create()
    {
        Option<int?> process = Values.ProcessId("The number of the running process.");
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The file, which is replaced if it exists; - for standard output, as a stream without holes. "
                + "Without it: core.N.",
            HelpName = "FILE",
        };
        Option<TimeSpan?> maxStop = Values.Time(
            "--max-stop",
            "MS",
            unitMilliseconds: 1,
            standard: s_standard.MaxStop,
            "How many milliseconds the process may be stopped for the copy of what it has written last. If that is not enough, no core is "
                + "written.");
        Option<TimeSpan?> maxThrottle = Values.Time(
            "--max-throttle",
            "SECONDS",
            unitMilliseconds: 1000,
            standard: s_standard.MaxThrottle,
            "How long a process that writes faster than it is copied may be slowed down before that, by stops that are shorter than "
                + "--max-stop.");
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
        Option<TimeSpan?> after = Values.Seconds("--after", "Of a launched program: take its core after so many seconds.");
        Option<string?> onSignal = Values.Word(
            "--on-signal",
            "Of a launched program: take a core of it whenever mmun gets this signal.",
            standard: null,
            "USR1|USR2",
            "USR1",
            "USR2");
        Option<TimeSpan?> every = Values.Seconds(
            "--every",
            "Take a core again and again, one in so many seconds, until the process or mmun ends: FILE.1, FILE.2 and so on. "
                + "What has not changed is not copied from the process again.");
        Option<int> keep = Values.Number(
            "--keep",
            "With --every: how many cores are kept; older ones are removed.",
            standard: KeptCores,
            least: 1,
            most: int.MaxValue);
        var program = new Argument<string[]>("program")
        {
            Description = "The program to launch and its arguments, after --; mmun ends when it ends.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new ToolCommand(
            "core",
            "Write a core file of a live process, running already or launched.",
            [
                new("mmun core -p 4711 -o service.core", "of a running process; prints the command that opens the core"),
                new("mmun core -p 4711 -o - | zstd > service.core.zst", "the same, compressed on the way"),
                new("mmun core -p 4711 -o ring --every 60 --keep 5", "one a minute, the last five kept"),
                new("mmun core --on-signal USR2 -- PROGRAM ARGS...", "of a launched program, at each SIGUSR2 to mmun"),
            ],
            [
                new("0", "the core is written; of several, all"),
                new("2", "a core is not written, or bad command line; one line says why"),
            ],
            "Most of its memory is copied while it runs. gdb, lldb, eu-stack and dotnet-dump open the file. The exit code of a program "
                + "that is launched is not passed on: it is the core that counts.")
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
                result.AddError(UnknownWord.Describe(words[0], command));
            else if (hasProcess == words.Length > 0)
                result.AddError("Say of which process: --pid N for a running one, or -- PROGRAM ARGS... to launch one.");
            else if (isTimed && (hasProcess || isRepeated))
                result.AddError("--after and --on-signal are for a launched program, and not for --every.");
            else if (!isTimed && !hasProcess && !isRepeated)
                result.AddError("Say when a launched program's core is taken: --after SECONDS, --on-signal USR2, or --every SECONDS.");
            else if ((isRepeated || result.GetValue(children)) && result.GetValue(output) == "-")
                result.AddError("Several cores do not fit into one stream: give --children and --every a file.");
            else if (isKeepGiven && !isRepeated)
                result.AddError("--keep is for --every.");
        });
        command.SetAction((parsed, _) => Task.FromResult(CoreRun.Execute(new CoreRequest
        {
            ProcessId = parsed.GetValue(process),
            Program = parsed.GetValue(program) ?? [],
            Output = parsed.GetValue(output),
            WaitsForCollector = !parsed.GetValue(noCollectorWait),
            WithChildren = parsed.GetValue(children),
            After = parsed.GetValue(after),
            Every = parsed.GetValue(every),
            Keep = parsed.GetValue(keep),
            OnSignal = parsed.GetValue(onSignal) switch { "USR1" => UserSignal1, "USR2" => UserSignal2, _ => null },
            MaxStop = parsed.GetValue(maxStop) ?? s_standard.MaxStop,
            MaxThrottle = parsed.GetValue(maxThrottle) ?? s_standard.MaxThrottle,
            IncludesExcluded = parsed.GetValue(dontDump),
        })));
        return command;
    }
}
