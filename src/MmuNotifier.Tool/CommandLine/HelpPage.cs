using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.CommandLine;

/// <summary>The help of a command: the parser's text, then examples, then exit codes.</summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    private const int WidthOfFiles = 100;

    private readonly HelpAction _parsers = new();
    private readonly bool _isAskedFor;

    /// <param name="isAskedFor">Whether the rest of the command line does not matter.</param>
    private HelpPage(bool isAskedFor)
    {
        _isAskedFor = isAskedFor;
        if (Console.IsOutputRedirected)
            _parsers.MaxWidth = WidthOfFiles;
    }

    public override bool ClearsParseErrors => _isAskedFor;

    /// <summary>Makes these pages the help of all commands, also of a command that has commands and is given none.</summary>
    internal static void AddTo(RootCommand root)
    {
        root.Options.OfType<HelpOption>().Single().Action = new HelpPage(isAskedFor: true);
        AddTo(root, new HelpPage(isAskedFor: false));
    }

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        if (command is IDocumentedCommand documented)
        {
            command.Description = documented.FullDescription;
            _parsers.Invoke(parseResult);
            Write(documented, parseResult.InvocationConfiguration.Output);
        }

        return ExitCodes.Success;
    }

    private static void Write(IDocumentedCommand command, TextWriter output)
    {
        output.WriteLine("Examples:");
        foreach (Example example in command.Examples)
        {
            output.WriteLine($"  {example.Line}");
            output.WriteLine($"      {example.Meaning}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        int width = command.ExitCodes.Max(code => code.Meaning.Length > 0 ? code.Code.Length : 0);
        foreach (ExitCodeLine code in command.ExitCodes)
            output.WriteLine(code.Meaning.Length > 0 ? $"  {code.Code.PadRight(width)}  {code.Meaning}" : $"  {code.Code}:");
        output.WriteLine();
    }

    private static void AddTo(Command command, HelpPage page)
    {
        if (command.Subcommands.Count == 0)
            return;
        command.Action = page;
        foreach (Command below in command.Subcommands)
            AddTo(below, page);
    }
}
