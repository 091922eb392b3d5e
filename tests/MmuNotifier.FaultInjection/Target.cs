using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.FaultInjection;

/// <summary>tests/Targets/Native/injected.c, running as a grandchild: the runtime takes the stops of a traced child for its end.</summary>
internal sealed class Target : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly Process _shell;
    private readonly string[] _descriptors;

    internal Target(string program)
    {
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec 3<&0; sh -c 'echo $$; exec \"$1\"' sh \"$1\" <&3 3<&- & exec 3<&-; wait $!", "sh", program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _shell = Leftovers.Exclude(() => Process.Start(start)!, out _descriptors);
        ProcessId = int.Parse(ReadLine() ?? "0", CultureInfo.InvariantCulture);
        if (FindHarm() is { } harm)
            throw new InvalidOperationException($"The target does not start: {harm}");
    }

    internal int ProcessId { get; }

    /// <summary>Whether it keeps running, sees its own memory right, and nothing holds or watches it any more.</summary>
    internal string? FindHarm()
    {
        for (int i = 0; i < 2; i++)
        {
            _shell.StandardInput.WriteLine("?");
            _shell.StandardInput.Flush();
            if (ReadLine() is not { } answer || !answer.StartsWith("ok", StringComparison.Ordinal))
                return $"the target does not continue: {StateOf()}";
        }

        string? left = null;
        SpinWait.SpinUntil(() => (left = FindTraces()) is null, AnswerLimit);
        return left;
    }

    internal void Kill()
    {
        try
        {
            using Process target = Process.GetProcessById(ProcessId);
            target.Kill();
        }
        catch (ArgumentException)
        {
        }
    }

    public void Dispose()
    {
        _shell.StandardInput.Dispose();
        if (!_shell.WaitForExit(TimeSpan.FromSeconds(3)))
        {
            Kill();
            _shell.Kill();
        }

        _shell.StandardOutput.Dispose();
        _shell.Dispose();
        Leftovers.Include(_descriptors);
    }

    private string? FindTraces()
    {
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{ProcessId}/task"))
            {
                string[] status = File.ReadAllLines(thread + "/status");
                if (!Array.Exists(status, line => line.StartsWith("TracerPid:\t0", StringComparison.Ordinal)))
                    return "the target is still traced";
            }

            IEnumerable<string> descriptors = Directory.EnumerateFileSystemEntries($"/proc/{ProcessId}/fd");
            if (descriptors.Any(path => new FileInfo(path).LinkTarget?.Contains("userfaultfd") == true))
                return "the target has a userfaultfd left";
            return File.ReadLines($"/proc/{ProcessId}/smaps").Any(
                line => line.StartsWith("VmFlags:", StringComparison.Ordinal) && (line.Contains(" uw") || line.Contains(" um")))
                ? "the target's memory is still registered" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // A thread has just ended; whether all of it keeps running is checked elsewhere.
        }
    }

    private string StateOf()
    {
        try
        {
            return string.Join(
                ", ", File.ReadLines($"/proc/{ProcessId}/status").Where(line => line.StartsWith("State") || line.StartsWith("TracerPid")))
                + $", wchan {File.ReadAllText($"/proc/{ProcessId}/wchan")}";
        }
        catch (IOException)
        {
            return "it has ended";
        }
    }

    private string? ReadLine()
    {
        Task<string?> line = _shell.StandardOutput.ReadLineAsync();
        return line.Wait(AnswerLimit) ? line.Result : null;
    }
}
