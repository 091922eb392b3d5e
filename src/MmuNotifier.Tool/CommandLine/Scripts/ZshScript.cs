using System.CommandLine;
using System.Text;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary>Completion for zsh: a function for each command.</summary>
internal static class ZshScript
{
    internal static string Of(Command root)
    {
        var script = new StringBuilder("#compdef mmun\n# Completes the command line of mmun. Printed by: mmun completion zsh\n");
        foreach (Command command in CommandTree.All(root))
            Append(script, command);
        script.Append("if [[ $funcstack[1] == _mmun ]]; then _mmun \"$@\"; else compdef _mmun mmun; fi\n");
        return script.ToString();
    }

    private static void Append(StringBuilder script, Command command)
    {
        Command[] below = [.. CommandTree.CommandsOf(command)];
        script.Append($"{NameOf(command)}() {{\n  local state line\n  _arguments -C \\\n");
        foreach (Option option in CommandTree.OptionsOf(command))
        {
            foreach (string name in CommandTree.NamesOf(option))
                script.Append($"    {Quoted($"{name}[{Escaped(CommandTree.Summary(option.Description))}]{Values(option)}")} \\\n");
        }

        if (below.Length == 0)
        {
            string[] words = [.. command.Arguments.SelectMany(CommandTree.WordsOf)];
            script.Append(words.Length > 0 ? $"    '1:word:({string.Join(' ', words)})'\n"
                : CommandTree.EndsInProgram(command) ? "    '*::program: _normal'\n" : "    '*:word:()'\n");
            script.Append("}\n");
            return;
        }

        script.Append("    '1:command:->command' '*::word:->word'\n  case $state in\n    command)\n      local -a commands=(\n");
        foreach (Command each in below)
            script.Append($"        {Quoted($"{each.Name}:{CommandTree.Summary(each.Description)}")}\n");
        script.Append("      )\n      _describe command commands ;;\n    word)\n      case $line[1] in\n");
        foreach (Command each in below)
            script.Append($"        {each.Name}) {NameOf(each)} ;;\n");
        script.Append("      esac ;;\n  esac\n}\n");
    }

    private static string NameOf(Command command) => "_" + CommandTree.PathOf(command).Replace(' ', '_').Replace('-', '_');

    private static string Values(Option option) => !CommandTree.TakesValue(option) ? "" : CommandTree.KindOf(option) switch
    {
        ValueKind.Word => $":word:({string.Join(' ', CommandTree.WordsOf(option))})",
        ValueKind.Process => ":process:_pids",
        ValueKind.File => ":file:_files",
        _ => $":{Escaped(option.HelpName ?? "value")}: ",
    };

    private static string Escaped(string text) => text
        .Replace("[", "\\[", StringComparison.Ordinal)
        .Replace("]", "\\]", StringComparison.Ordinal)
        .Replace(":", "\\:", StringComparison.Ordinal);

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
