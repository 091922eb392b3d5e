using System.CommandLine;
using System.Text;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary>Completion for bash.</summary>
internal static class BashScript
{
    internal static string Of(Command root)
    {
        Command[] all = [.. CommandTree.All(root)];
        var script = new StringBuilder("""
            # Completes the command line of mmun. Printed by: mmun completion bash
            _mmun() {
              local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path=mmun words= i
              COMPREPLY=()
              for ((i = 1; i < COMP_CWORD; i++)); do
                if [[ ${COMP_WORDS[i]} == -- ]]; then
                  if ((i + 1 == COMP_CWORD)); then
                    COMPREPLY=($(compgen -c -- "$current"))
                  else
                    COMPREPLY=($(compgen -f -- "$current"))
                  fi
                  return
                fi
                case "$path ${COMP_WORDS[i]}" in

            """);
        foreach (Command command in all.Where(each => each != root))
            script.Append($"      \"{CommandTree.PathOf(command)}\") path+=\" {command.Name}\" ;;\n");
        script.Append("    esac\n  done\n  case \"$path $previous\" in\n");
        foreach (Command command in all)
        {
            foreach (Option option in CommandTree.OptionsOf(command).Where(CommandTree.TakesValue))
                script.Append($"    {Pattern(command, option)}) {Values(option)}; return ;;\n");
        }

        script.Append("  esac\n  case $path in\n");
        foreach (Command command in all)
            script.Append($"    \"{CommandTree.PathOf(command)}\") words=\"{string.Join(' ', Words(command))}\" ;;\n");
        script.Append("""
              esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F _mmun mmun

            """);
        return script.ToString();
    }

    private static string Pattern(Command command, Option option) =>
        string.Join('|', CommandTree.NamesOf(option).Select(name => $"\"{CommandTree.PathOf(command)} {name}\""));

    private static string Values(Option option) => CommandTree.KindOf(option) switch
    {
        ValueKind.Word => $"COMPREPLY=($(compgen -W \"{string.Join(' ', CommandTree.WordsOf(option))}\" -- \"$current\"))",
        ValueKind.Process => "COMPREPLY=($(compgen -W \"$(cd /proc && echo [0-9]*)\" -- \"$current\"))",
        ValueKind.File => "COMPREPLY=($(compgen -f -- \"$current\"))",
        _ => "COMPREPLY=()",
    };

    private static IEnumerable<string> Words(Command command) =>
        CommandTree.CommandsOf(command).Select(each => each.Name)
            .Concat(command.Arguments.SelectMany(CommandTree.WordsOf))
            .Concat(CommandTree.OptionsOf(command).SelectMany(CommandTree.NamesOf))
            .Concat(CommandTree.EndsInProgram(command) ? ["--"] : []);
}
