using System.CommandLine;
using System.CommandLine.Parsing;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun mirror</c>.</summary>
internal static class MirrorCommand
{
    internal static Command Create()
    {
        Option<int?> process = Values.ProcessId("Attach to the running process of this number.");
        Option<TimeSpan?> verify = Values.Seconds(
            "--verify",
            "Freeze the target every so many seconds, compare the mirror with all of its memory, and let it continue. Without it "
                + "only once, at the end.");
        Option<TimeSpan?> duration = Values.Seconds(
            "--duration",
            "End after so many seconds and release the target. Without it: when the target and all followed children have ended.",
            "-d");
        Option<TimeSpan?> round = Values.Seconds(
            "--round",
            "Bring the mirror up to date every so many seconds. Without it: as often as costs the target about 4 % of its time.");
        Option<string?> children = Values.Word(
            "--children",
            "What to do with children of the target: follow them (those that fork, come by vfork or execute another "
                + "program), or release them and name them in the report.",
            standard: "follow",
            "follow|release",
            "follow",
            "release");
        var bytes = new Option<bool>("--bytes", "-b")
        {
            Description = "Keep a whole copy of each page and compare byte for byte, which takes as much memory as the target has. Without "
                + "it, a hash of 16 bytes is kept for each page of 4096.",
        };
        var verbose = new Option<bool>("--verbose", "-v")
        {
            Description = "Report every freeze, every range of memory with its addresses, every child, and the counters.",
        };
        var json = new Option<bool>("--json", "-j")
        {
            Description = "Print the report as one line of JSON, the last on standard output (docs/mirror-report.md). What a launched "
                + "program writes to its standard output goes to standard error.",
        };
        var program = new Argument<string[]>("program")
        {
            Description = "The program to launch and its arguments, after --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new ToolCommand(
            "mirror",
            "Mirror the memory of a live process coherently: launch a program, or attach to a running one.",
            [
                new("mmun mirror --verify 1 -- PROGRAM ARGS...", "from its first instruction to its end, compared every second"),
                new("mmun mirror -p 4711 -d 10", "a running process, released after ten seconds"),
            ],
            [
                new("with --verify or --pid", ""),
                new("  0", "nothing differs"),
                new("  1", "the mirror differs from the memory, or events were lost"),
                new("  2", "it could not be done, --verify compared nothing, or bad command line"),
                new("without, of a program that is launched", ""),
                .. ExitCodeLine.PassedOn.Select(code => code with { Code = "  " + code.Code }),
                new("  0", "the program runs on: mmun was asked to end before"),
                new("  125", "something differs, it could not be done, or bad command line"),
            ])
        {
            process, verify, duration, round, children, bytes, verbose, json, program,
        };
        command.FailureCode = parsed =>
            parsed.GetResult(process) is null && parsed.GetResult(verify) is null ? ExitCodes.OwnFailure : ExitCodes.Impossible;
        command.Validators.Add(result => RequireOneTarget(result, process, program));
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new MirrorOptions
            {
                ProcessId = parsed.GetValue(process),
                Program = parsed.GetValue(program) ?? [],
                VerifyEvery = parsed.GetValue(verify),
                KeepsBytes = parsed.GetValue(bytes),
                Duration = parsed.GetValue(duration),
                Round = parsed.GetValue(round),
                FollowChildren = parsed.GetValue(children) == "follow",
                OutputToError = parsed.GetValue(json),
            };
            return Task.FromResult(MirrorRun.Execute(options, parsed.GetValue(json), parsed.GetValue(verbose)));
        });
        return command;
    }

    private static void RequireOneTarget(CommandResult result, Option<int?> process, Argument<string[]> program)
    {
        bool hasProcess = result.GetResult(process) is not null;
        string[] words = result.GetValue(program) ?? [];
        bool hasProgram = words.Length > 0;
        if (hasProgram && words[0].StartsWith('-'))
        {
            result.AddError(UnknownWord.Describe(words[0], result.Command));
            return;
        }

        if (hasProcess && hasProgram)
            result.AddError("Give either --pid N or a program, not both.");
        else if (!hasProcess && !hasProgram)
            result.AddError("Say what to mirror: --pid N for a running process, or -- PROGRAM ARGS... to launch one.");
    }
}
