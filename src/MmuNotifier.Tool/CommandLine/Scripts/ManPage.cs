using System.CommandLine;
using System.Text;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary>A manual page of section 1, in the language of man(7).</summary>
internal static class ManPage
{
    internal static string Of(Command command)
    {
        string name = CommandTree.PathOf(command);
        var documented = (IDocumentedCommand)command;
        var page = new StringBuilder($".TH {name.Replace(' ', '-').ToUpperInvariant()} 1\n.SH NAME\n");
        page.Append($"{Escaped(name.Replace(' ', '-'))} \\- {Escaped(CommandTree.Summary(command.Description))}\n");
        page.Append($".SH SYNOPSIS\n.B {Escaped(name)}\n");
        page.Append(Synopsis(command)).Append($".SH DESCRIPTION\n{Escaped(documented.FullDescription)}\n");
        Command[] below = [.. CommandTree.CommandsOf(command)];
        if (below.Length > 0)
        {
            page.Append(".SH COMMANDS\n");
            foreach (Command each in below)
                page.Append($".TP\n.B {Escaped(each.Name)}\n{Escaped(CommandTree.Summary(each.Description))}.\n");
        }

        if (command.Arguments.Count > 0)
        {
            page.Append(".SH ARGUMENTS\n");
            foreach (Argument argument in command.Arguments)
                page.Append($".TP\n.I {Escaped(argument.Name)}\n{Escaped(argument.Description ?? "")}\n");
        }

        page.Append(".SH OPTIONS\n");
        foreach (Option option in CommandTree.OptionsOf(command))
        {
            string value = CommandTree.TakesValue(option) ? $" \\fI{Escaped(option.HelpName ?? "VALUE")}\\fR" : "";
            IEnumerable<string> names = CommandTree.NamesOf(option).Select(each => $"\\fB{Escaped(each)}\\fR{value}");
            page.Append($".TP\n{string.Join(", ", names)}\n{Escaped(option.Description ?? "")}\n");
        }

        page.Append(".SH EXAMPLES\n");
        foreach (Example example in documented.Examples)
            page.Append($".TP\n.B {Escaped(example.Line)}\n{Escaped(example.Meaning)}\n");
        page.Append(".SH EXIT STATUS\n");
        foreach (ExitCodeLine code in documented.ExitCodes)
            page.Append($".TP\n.B {Escaped(code.Code)}\n{Escaped(code.Meaning)}\n");
        return page.ToString();
    }

    private static string Synopsis(Command command)
    {
        string[] parts =
        [
            .. CommandTree.CommandsOf(command).Any() ? ["\\fIcommand\\fR"] : Array.Empty<string>(),
            "[\\fIoptions\\fR]",
            .. command.Arguments.Select(argument =>
                (argument.Name == "program" ? "\\-\\- " : "") + $"[\\fI{Escaped(argument.Name)}\\fR]"),
        ];
        return string.Join(' ', parts) + "\n";
    }

    /// <summary>Text that is nothing but text: a full stop or an apostrophe begins no request, and a minus stays one.</summary>
    private static string Escaped(string text)
    {
        string escaped = text
            .Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace('\n', ' ');
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
