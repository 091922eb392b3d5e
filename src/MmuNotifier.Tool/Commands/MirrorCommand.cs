using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun mirror</c>.</summary>
internal static class MirrorCommand
{
    internal static Command Create()
    {
        var process = new Option<int?>("--pid")
        {
            Description = "Attach to the running process of this number.",
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
        Option<TimeSpan?> verify = Seconds("--verify", "Freeze the target every so many seconds, compare the mirror with its memory byte "
            + "for byte, and let it continue. Without it only once, at the end.");
        Option<TimeSpan?> duration = Seconds(
            "--duration",
            "End after so many seconds and release the target. Without it: when the target and all followed children have ended.");
        Option<TimeSpan?> round = Seconds(
            "--round",
            "Bring the mirror up to date every so many seconds. Without it: as often as costs the target about 4 % of its time.");
        var children = new Option<string>("--children")
        {
            Description = "What to do with children of the target: follow them (those that fork, come by vfork or execute another "
                + "program), or release them and name them in the report.",
            HelpName = "follow|release",
            DefaultValueFactory = _ => "follow",
        };
        children.AcceptOnlyFromAmong("follow", "release");
        var json = new Option<bool>("--json")
        {
            Description = "Print the report as one line of JSON, the last on standard output (docs/mirror-report.md). What a launched "
                + "program writes to its standard output goes to standard error.",
        };
        var program = new Argument<string[]>("program")
        {
            Description = "The program to launch and its arguments, after --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "mirror",
            "Mirror the memory of a live process coherently: launch a program (mmun mirror -- PROGRAM ARGS...) "
            + "or attach to a running one (--pid N). Exit code 0: nothing differs; 1: something does; 2: it could not be done, or nothing "
                + "was compared although --verify was given.")
        {
            process, verify, duration, round, children, json, program,
        };
        command.Validators.Add(result => RequireOneTarget(result, process, program));
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new MirrorOptions
            {
                ProcessId = parsed.GetValue(process),
                Program = parsed.GetValue(program) ?? [],
                VerifyEvery = parsed.GetValue(verify),
                Duration = parsed.GetValue(duration),
                Round = parsed.GetValue(round),
                FollowChildren = parsed.GetValue(children) == "follow",
                OutputToError = parsed.GetValue(json),
            };
            return Task.FromResult(MirrorRun.Execute(options, parsed.GetValue(json)));
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
            result.AddError($"There is no option '{words[0]}'.");
            return;
        }

        if (hasProcess && hasProgram)
            result.AddError("Give either --pid N or a program, not both.");
        else if (!hasProcess && !hasProgram)
            result.AddError("Say what to mirror: --pid N for a running process, or -- PROGRAM ARGS... to launch one.");
    }

    private static Option<TimeSpan?> Seconds(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            string text = result.Tokens.Single().Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 1e6)
                return TimeSpan.FromSeconds(seconds);
            result.AddError($"{name} takes a number of seconds above 0 and at most 1000000, such as 0.5; not '{text}'.");
            return null;
        },
    };
}
