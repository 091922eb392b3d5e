using System.Diagnostics;
using System.Text;

namespace MmuNotifier.Benchmarks;

/// <summary>Runs other programs.</summary>
internal static class Commands
{
    internal static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs a program to its end and gives what it printed.</summary>
    internal static string Output(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} failed with exit code {process.ExitCode}. {errors.ToString().Trim()}");
    }
}
