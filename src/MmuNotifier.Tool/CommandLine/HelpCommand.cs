using System.CommandLine;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.CommandLine;

/// <summary><c>mmun help COMMAND</c>: the same as <c>mmun COMMAND --help</c>.</summary>
internal static class HelpCommand
{
    internal static Command Create()
    {
        var words = new Argument<string[]>("command")
        {
            Description = "The command, such as mirror or lab stress. Without it: all commands.",
            Arity = new ArgumentArity(0, 2),
        };
        var command = new ToolCommand(
            "help",
            "Show the help of a command.",
            [
                new("mmun help mirror", "what mmun mirror does, its options, its exit codes"),
                new("mmun help lab stress", "the same for a command of the lab"),
            ],
            [new("0", "the help was shown"), new("2", "there is no such command")])
        {
            words,
        };
        command.SetAction(parsed =>
        {
            Command asked = parsed.RootCommandResult.Command;
            foreach (string word in parsed.GetValue(words) ?? [])
            {
                if (asked.Subcommands.FirstOrDefault(below => below.Name == word) is not { } below)
                {
                    Console.Error.WriteLine($"mmun: {UnknownWord.Describe(word, asked)} (see {UsageError.HelpOf(asked)})");
                    return ExitCodes.Impossible;
                }

                asked = below;
            }

            string[] path = [.. UsageError.PathOf(asked).Skip(1), "--help"];
            return parsed.RootCommandResult.Command.Parse(path).Invoke(parsed.InvocationConfiguration);
        });
        return command;
    }
}
