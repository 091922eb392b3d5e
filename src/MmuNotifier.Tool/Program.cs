using System.CommandLine;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Core;
using MmuNotifier.Tool.Output;

return await StandardStreams.RunAsync(async () =>
{
    var root = new RootCommand("mmun: mirrors the memory of a live process coherently, and shows what an interval notifier sees of it.")
    {
        MirrorCommand.Create(),
        CoreCommand.Create(),
        DeviceCommand.Create(),
        ExploreCommand.Create(),
        StressCommand.Create(),
        SelfTestCommand.Create(),
        RacesCommand.Create(),
        ChurnCommand.Create(),
    };
    ParseResult parsed = root.Parse(args);
    if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
    {
        string problem = parsed.UnmatchedTokens.Count > 0
            ? $"There is no command or option '{parsed.UnmatchedTokens[0]}'."
            : parsed.Errors[0].Message;
        string help = parsed.CommandResult.Command is RootCommand ? "mmun --help" : $"mmun {parsed.CommandResult.Command.Name} --help";
        // The parser names the possible values on lines of their own.
        string line = string.Join(' ', problem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Console.Error.WriteLine($"mmun: {line} (see {help})");
        return ExitCodes.Impossible;
    }

    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
        Output = Console.Out,
        Error = Console.Error,
    }).ConfigureAwait(false);
}).ConfigureAwait(false);
