using System.CommandLine;
using System.CommandLine.Parsing;

namespace MmuNotifier.Tool.CommandLine;

/// <summary>The process that a command is about: <c>--pid N</c>, or <c>-- PROGRAM ARGS...</c>.</summary>
internal sealed class TargetOptions
{
    internal Option<int?> Process { get; } = Values.ProcessId("The number of the running process.");

    internal Argument<string[]> Program { get; } = new("program")
    {
        Description = "The program to launch and its arguments, after --; mmun ends when it ends.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Adds an error unless exactly one of the two is given.</summary>
    internal void Validate(CommandResult result)
    {
        string[] words = result.GetValue(Program) ?? [];
        bool hasProcess = result.GetResult(Process) is not null;
        if (words is [['-', ..], ..])
            result.AddError(UnknownWord.Describe(words[0], result.Command));
        else if (hasProcess == words.Length > 0)
            result.AddError("Say of which process: --pid N for a running one, or -- PROGRAM ARGS... to launch one.");
    }
}
