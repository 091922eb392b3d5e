using System.CommandLine;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary><c>mmun completion SHELL</c>: a script that completes commands, options and their values.</summary>
internal static class CompletionCommand
{
    internal static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new ToolCommand(
            "completion",
            "Print a script by which a shell completes the command line of mmun.",
            [
                new("mmun completion bash > ~/.local/share/bash-completion/completions/mmun", "for bash, from the next shell on"),
                new("mmun completion zsh > ~/.zfunc/_mmun", "for zsh, with ~/.zfunc in fpath before compinit"),
                new("mmun completion fish > ~/.config/fish/completions/mmun.fish", "for fish"),
            ],
            [new("0", "the script was printed"), ExitCodeLine.Refused])
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            Command root = parsed.RootCommandResult.Command;
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(shell) switch
            {
                "bash" => BashScript.Of(root),
                "zsh" => ZshScript.Of(root),
                _ => FishScript.Of(root),
            });
            return ExitCodes.Success;
        });
        return command;
    }
}
