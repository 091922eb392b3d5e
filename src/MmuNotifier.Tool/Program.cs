using System.CommandLine;
using MmuNotifier.Tool.Commands;

var root = new RootCommand("mmun: mirrors the memory of a live process coherently, and shows what an interval notifier sees of it.")
{
    MirrorCommand.Create(),
};
ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
{
    Console.Error.WriteLine($"mmun: {parsed.Errors[0].Message} (mmun {parsed.CommandResult.Command.Name} --help tells more)");
    return ExitCodes.Impossible;
}

return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
