using System.CommandLine;
using System.CommandLine.Parsing;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.CommandLine;

/// <summary>Bad use of the command line, in one line.</summary>
internal static class UsageError
{
    /// <summary>Reports what is wrong with the command line, if anything is, on standard error.</summary>
    /// <returns>The exit code; null when nothing is wrong.</returns>
    internal static int? Report(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return null;
        Command command = parsed.CommandResult.Command;
        string problem = parsed.UnmatchedTokens.Count > 0
            ? UnknownWord.Describe(parsed.UnmatchedTokens[0], command)
            : (parsed.Errors.FirstOrDefault(error => error.SymbolResult is not CommandResult) ?? parsed.Errors[0]).Message;
        // The parser has messages of several lines.
        string line = string.Join(' ', problem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Console.Error.WriteLine($"mmun: {line} (see {HelpOf(command)})");
        return FailureCodeOf(parsed);
    }

    /// <summary>The exit code when the command cannot be done.</summary>
    internal static int FailureCodeOf(ParseResult parsed) =>
        parsed.CommandResult.Command is ToolCommand { FailureCode: { } code } ? code(parsed) : ExitCodes.Impossible;

    /// <summary>The command line that shows the help of a command.</summary>
    internal static string HelpOf(Command command) => string.Join(' ', [.. PathOf(command), "--help"]);

    /// <summary>The words that lead to a command, from mmun on.</summary>
    internal static IReadOnlyList<string> PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } above ? [.. PathOf(above), command.Name] : ["mmun"];
}
