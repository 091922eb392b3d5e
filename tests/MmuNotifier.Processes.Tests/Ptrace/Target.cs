using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>A running program with which the test talks line by line.</summary>
/// <remarks>
/// It is a grandchild, with a shell in between: the runtime's Process class would take the ptrace stops of a child for its end.
/// </remarks>
internal sealed class Target : IDisposable
{
    internal const string Ended = "(ended)";

    private readonly Process _shell;

    private Target(string[] command)
    {
        ProcessStartInfo start = new(
            "/bin/sh", ["-c", "exec 3<&0; sh -c 'echo $$; exec \"$@\"' sh \"$@\" <&3 3<&- & exec 3<&-; wait $!", "sh", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _shell = Process.Start(start)!;
        ProcessId = int.Parse(ReadLine(), CultureInfo.InvariantCulture);
        if (command[0] != "sh")
            Patience.Until(() => ProcessStatus.ReadWithoutStart(ProcessId) is not { Name: "sh" }, "the shell has become the program");
    }

    internal int ProcessId { get; }

    internal char State => ProcessStatus.ReadWithoutStart(ProcessId)?.State ?? 'X';

    internal int TracerId => ProcessStatus.ReadWithoutStart(ProcessId)?.TracerId ?? 0;

    internal IReadOnlyList<string> Userfaultfds => [.. Directory.GetFiles($"/proc/{ProcessId}/fd")
        .Where(path => new FileInfo(path).LinkTarget?.Contains("userfaultfd", StringComparison.Ordinal) == true)];

    internal static Target Start(params string[] command) => new(command);

    /// <summary>Starts Targets/target.c in one of its modes.</summary>
    internal static Target StartProgram(string mode)
    {
        Target target = new([TargetProgram.Path, mode]);
        if (mode is "storm" or "waiters" or "stuck")
            Assert.Equal("ready", target.ReadLine());
        return target;
    }

    /// <returns>The answer, or <see cref="Ended"/>.</returns>
    internal string Ask()
    {
        try
        {
            _shell.StandardInput.WriteLine("?");
            _shell.StandardInput.Flush();
        }
        catch (IOException)
        {
            return Ended;
        }

        return ReadLine();
    }

    /// <summary>Asks, and fails unless the program has found itself unharmed.</summary>
    internal void AssertUnharmed() => Assert.StartsWith("ok", Ask(), StringComparison.Ordinal);

    internal string ReadLine()
    {
        Task<string?> line = _shell.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience.Limit), "the target does not answer");
        return line.Result ?? Ended;
    }

    /// <summary>Returns what the target's parent, the shell, saw of its end.</summary>
    internal int WaitForExit()
    {
        Assert.True(_shell.WaitForExit(Patience.Limit), "the target does not end");
        return _shell.ExitCode;
    }

    public void Dispose()
    {
        Tools.KillIfRunning(ProcessId);
        try
        {
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it read all.
        }

        _shell.WaitForExit(Patience.Limit);
        _shell.Dispose();
    }
}
