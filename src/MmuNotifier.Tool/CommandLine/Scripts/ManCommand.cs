using System.CommandLine;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary><c>mmun man COMMAND</c>: the manual page of a command.</summary>
internal static class ManCommand
{
    internal static Command Create()
    {
        var words = new Argument<string[]>("command")
        {
            Description = "The command, such as mirror or lab stress. Without it: mmun itself.",
            Arity = new ArgumentArity(0, 2),
        };
        var command = new ToolCommand(
            "man",
            "Print the manual page of a command.",
            [
                new("mmun man core | man -l -", "read it"),
                new("mmun man core > ~/.local/share/man/man1/mmun-core.1", "keep it: man mmun-core"),
            ],
            [new("0", "the page was printed"), new("2", "there is no such command")])
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

            parsed.InvocationConfiguration.Output.Write(ManPage.Of(asked));
            return ExitCodes.Success;
        });
        return command;
    }
}
