using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>The built mmun, run as a process of its own.</summary>
internal sealed partial class Mmun : IDisposable
{
    internal const int HangUp = 1, Interrupt = 2, Quit = 3, Kill = 9, Terminate = 15;

    private const int MostRuns = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Task<string> _output;

    internal Mmun(params string[] arguments)
        : this([], AppContext.BaseDirectory, arguments)
    {
    }

    /// <param name="before">A program and its arguments that run mmun, such as setpriv.</param>
    /// <param name="folder">Where mmun.dll lies.</param>
    /// <param name="arguments">For mmun.</param>
    internal Mmun(string[] before, string folder, string[] arguments)
    {
        string[] command = [.. before, "dotnet", Path.Combine(folder, "mmun.dll"), .. arguments];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.StandardInput.Close();
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
                _error.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
        _output = _process.StandardOutput.ReadToEndAsync();
    }

    internal int ProcessId => _process.Id;

    internal bool HasEnded => _process.HasExited;

    internal string Output => _output.Result;

    internal string Error
    {
        get
        {
            lock (_error)
                return _error.ToString().Trim();
        }
    }

    internal static Mmun Run(params string[] arguments)
    {
        var mmun = new Mmun(arguments);
        mmun.WaitForExit();
        return mmun;
    }

    internal int WaitForExit()
    {
        if (!_process.WaitForExit(Limit))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"mmun did not end within {Limit.TotalSeconds} s: {Error}");
        }

        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, if it has not ended yet.</summary>
    internal void TrySignal(int signal)
    {
        if (!_process.HasExited)
            _ = SendSignal(_process.Id, signal);
    }

    internal void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    /// <summary>
    /// Runs mmun with a target that lasts so many seconds, and again for twice as long while there are too few freezes, or something else
    /// is not in the report yet: how much a busy machine does in a time is not asserted. Every run must be good otherwise.
    /// </summary>
    internal static Mmun RunUntil(
        int leastFreezes, double seconds, Func<string, Mmun> start, out JsonElement report, Func<JsonElement, bool>? hasShown = null)
    {
        for (int run = 1; ; run++, seconds *= 2)
        {
            Mmun mmun = start(seconds.ToString(CultureInfo.InvariantCulture));
            report = mmun.SoundReport();
            bool isEnough = report.GetProperty("freezes").GetArrayLength() >= leastFreezes && hasShown?.Invoke(report) != false;
            if (isEnough || run == MostRuns)
            {
                report = mmun.GoodReport(leastFreezes);
                return mmun;
            }

            mmun.Dispose();
        }
    }

    /// <summary>Waits for the end and checks what every good run must show.</summary>
    internal JsonElement GoodReport(int leastFreezes = 1)
    {
        JsonElement report = SoundReport();
        Assert.True(report.GetProperty("freezes").GetArrayLength() >= leastFreezes, $"too few freezes: {report}");
        Assert.True(report.GetProperty("pagesCompared").GetInt64() > 0, $"{report}");
        Assert.True(WaitForExit() == 0, $"exit code {WaitForExit()}\n{report}\n{Error}");
        return report;
    }

    /// <summary>Waits for the end and checks what a run must show even if it was too short to compare anything.</summary>
    private JsonElement SoundReport()
    {
        int exitCode = WaitForExit();
        string last = Output.TrimEnd('\n').Split('\n')[^1];
        Assert.True(last.StartsWith('{'), $"exit code {exitCode}\n{last}\n{Error}");
        JsonElement report = JsonDocument.Parse(last).RootElement;
        Assert.Equal(0, report.GetProperty("pagesDiffering").GetInt64());
        Assert.Equal(0, report.GetProperty("eventsLost").GetInt64());
        return report;
    }

    /// <summary>Waits for the end and checks that it was refused with one line.</summary>
    internal string Refusal(int exitCode = 2)
    {
        Assert.Equal(exitCode, WaitForExit());
        Assert.Equal("", Output);
        Assert.DoesNotContain('\n', Error);
        Assert.StartsWith("mmun: ", Error, StringComparison.Ordinal);
        return Error["mmun: ".Length..];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
