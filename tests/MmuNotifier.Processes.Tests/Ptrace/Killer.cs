using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>Runs the program that injects a userfaultfd and kills itself after a given step.</summary>
internal static class Killer
{
    private static string Dll => Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Processes.Tests.Killer.dll");

    /// <summary>Attaches to a process; step 0 lives to the end. Gives the exit code and the last line it wrote.</summary>
    internal static (int ExitCode, string Message) Attach(int step, int processId, params string[] prefix)
    {
        (int exitCode, string[] lines) = Run([.. prefix, "dotnet", "exec", Dll, "attach", Text(step), Text(processId)]);
        return (exitCode, lines[^1]);
    }

    /// <summary>The same; gives the last two lines, which name the last two steps.</summary>
    internal static (int ExitCode, string[] LastTwo) AttachTellingSteps(int step, int processId)
    {
        (int exitCode, string[] lines) = Run(["dotnet", "exec", Dll, "attach", Text(step), Text(processId)]);
        return (exitCode, lines[^Math.Min(2, lines.Length)..]);
    }

    /// <summary>Freezes a process as a verification does, threads left asleep, and lets it go.</summary>
    internal static (int ExitCode, string Message) Freeze(int step, int processId)
    {
        (int exitCode, string[] lines) = Run(["dotnet", "exec", Dll, "freeze", Text(step), Text(processId)]);
        return (exitCode, lines[^1]);
    }

    private static (int ExitCode, string[] Lines) Run(string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        string output = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit), "the killer does not end");
        return (process.ExitCode, output.TrimEnd().Split('\n'));
    }

    /// <summary>Starts it to launch a program, with pipes as the program's standard input and output.</summary>
    internal static Process Launch(int step, params string[] command) =>
        Process.Start(new ProcessStartInfo("dotnet", ["exec", Dll, "launch", Text(step), .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
