using System.CommandLine;
using System.Text;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary>Completion for fish.</summary>
internal static class FishScript
{
    internal static string Of(Command root)
    {
        var script = new StringBuilder("""
            # Completes the command line of mmun. Printed by: mmun completion fish
            function __mmun_at
                set -l words (commandline -opc)
                test "$words[1]" = mmun; and set -e words[1]
                set -l path mmun
                for word in $words
                    switch "$path $word"
                        case

            """.TrimEnd('\n'));
        foreach (Command command in CommandTree.All(root).Where(each => each != root))
            script.Append($" '{CommandTree.PathOf(command)}'");
        script.Append("""

                            set path "$path $word"
                    end
                end
                test "$path" = "$argv"
            end
            complete -c mmun -f

            """);
        foreach (Command command in CommandTree.All(root))
        {
            string start = $"complete -c mmun -n '__mmun_at {CommandTree.PathOf(command)}'";
            foreach (Command below in CommandTree.CommandsOf(command))
                script.Append($"{start} -a {below.Name} -d {Quoted(CommandTree.Summary(below.Description))}\n");
            foreach (string word in command.Arguments.SelectMany(CommandTree.WordsOf))
                script.Append($"{start} -a {word}\n");
            foreach (Option option in CommandTree.OptionsOf(command))
                script.Append($"{start}{Names(option)}{Values(option)} -d {Quoted(CommandTree.Summary(option.Description))}\n");
        }

        return script.ToString();
    }

    private static string Names(Option option) => string.Concat(CommandTree.NamesOf(option)
        .Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}"));

    private static string Values(Option option) => !CommandTree.TakesValue(option) ? "" : CommandTree.KindOf(option) switch
    {
        ValueKind.Word => $" -x -a {Quoted(string.Join(' ', CommandTree.WordsOf(option)))}",
        ValueKind.Process => " -x -a '(__fish_complete_pids)'",
        ValueKind.File => " -r -F",
        _ => " -x",
    };

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
