using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>The built mmun, run as a process of its own.</summary>
internal sealed partial class Mmun : IDisposable
{
    internal const int HangUp = 1, Interrupt = 2, Quit = 3, Kill = 9, Terminate = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

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
        _process.ErrorDataReceived += (_, line) => _error.AppendLine(line.Data);
        _process.BeginErrorReadLine();
        _output = _process.StandardOutput.ReadToEndAsync();
    }

    internal int ProcessId => _process.Id;

    internal string Output => _output.Result;

    internal string Error => _error.ToString().Trim();

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

    internal void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    /// <summary>Waits for the end and checks what every good run must show.</summary>
    internal JsonElement GoodReport(int leastFreezes = 1)
    {
        int exitCode = WaitForExit();
        string last = Output.TrimEnd('\n').Split('\n')[^1];
        Assert.True(exitCode == 0, $"exit code {exitCode}\n{last}\n{Error}");
        JsonElement report = JsonDocument.Parse(last).RootElement;
        Assert.Equal(0, report.GetProperty("pagesDiffering").GetInt64());
        Assert.Equal(0, report.GetProperty("eventsLost").GetInt64());
        Assert.True(report.GetProperty("freezes").GetArrayLength() >= leastFreezes, $"too few freezes: {last}");
        Assert.True(report.GetProperty("pagesCompared").GetInt64() > 0, last);
        return report;
    }

    /// <summary>Waits for the end and checks that it was refused with one line.</summary>
    internal string Refusal()
    {
        Assert.Equal(2, WaitForExit());
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
