using System.CommandLine;

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
        var command = new Command(
            "device",
            "Run a program for which opening /dev/hmm_dmirror0 to 3 reaches the mirror device of this process, "
            + "as if the kernel had its test_hmm module: "
            + "mmun device -- PROGRAM ARGS... Devices 0 and 1 have private memory, 2 and 3 coherent memory. "
            + "Exit code: the program's; 128 and the signal if one ended it; 2 if it could not be run.")
        {
            program,
        };
        command.Validators.Add(result =>
        {
            string[] words = result.GetValue(program) ?? [];
            if (words.Length == 0)
                result.AddError("Say what to run: -- PROGRAM ARGS...");
            else if (words[0].StartsWith('-'))
                result.AddError($"There is no option '{words[0]}'.");
        });
        command.SetAction((parsed, _) => Task.FromResult(DeviceRun.Execute(parsed.GetValue(program)!)));
        return command;
    }
}
