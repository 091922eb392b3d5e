using System.CommandLine;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun device</c>.</summary>
internal static class DeviceCommand
{
    internal static Command Create()
    {
        var program = new Argument<string[]>("program")
        {
            Description = "The program to run and its arguments, after --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new ToolCommand(
            "device",
            "Run a program that finds the kernel's HMM test device, which is served by mmun.",
            [new("mmun device -- ./hmm-tests -r hmm", "the kernel's own self tests, as the kernel's sources have them")],
            [.. ExitCodeLine.PassedOn, new("125", "it could not be served, or bad command line; one line says why")],
            "When it opens /dev/hmm_dmirror0 to 3, it reaches a mirror device of ours, as if the kernel had its test_hmm module. Devices 0 "
                + "and 1 have private memory, 2 and 3 coherent memory.")
        {
            program,
        };
        command.FailureCode = static _ => ExitCodes.OwnFailure;
        command.Validators.Add(result =>
        {
            string[] words = result.GetValue(program) ?? [];
            if (words.Length == 0)
                result.AddError("Say what to run: -- PROGRAM ARGS...");
            else if (words[0].StartsWith('-'))
                result.AddError(UnknownWord.Describe(words[0], command));
        });
        command.SetAction((parsed, _) => Task.FromResult(DeviceRun.Execute(parsed.GetValue(program)!)));
        return command;
    }
}
