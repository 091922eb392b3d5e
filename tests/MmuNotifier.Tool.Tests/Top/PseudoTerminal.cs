using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.Top;

/// <summary>mmun in a terminal of its own (tests/Targets/Python/terminal.py), with what it shows.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private readonly Process _process;
    private readonly VirtualScreen _screen = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    internal PseudoTerminal(int columns, int lines, Dictionary<string, string> environment, params string[] arguments)
    {
        string[] command =
        [
            Machine.Script("terminal.py"), columns.ToString(CultureInfo.InvariantCulture), lines.ToString(CultureInfo.InvariantCulture),
            "dotnet", Path.Combine(AppContext.BaseDirectory, "mmun.dll"), .. arguments,
        ];
        var start = new ProcessStartInfo(Machine.Python, command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LC_ALL"] = "C.UTF-8";
        _ = start.Environment.Remove("NO_COLOR");
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _reading = Task.Run(Read);
    }

    /// <summary>What the terminal shows.</summary>
    internal string Text
    {
        get
        {
            lock (_screen)
                return _screen.Text;
        }
    }

    internal bool IsAlternate => Locked(screen => screen.IsAlternate);

    internal bool IsCursorShown => Locked(screen => screen.IsCursorShown);

    internal bool HasUsualKeys => Locked(screen => screen.HasUsualKeys);

    internal bool HasColours => Locked(screen => screen.HasColours);

    /// <summary>Waits until it shows something.</summary>
    internal void WaitFor(string text) =>
        WaitUntil(shown => shown.Contains(text, StringComparison.Ordinal), $"'{text}'");

    /// <summary>Waits until it shows one thing, and another one no more.</summary>
    internal void WaitFor(string shown, string notShown) => WaitUntil(
        text => text.Contains(shown, StringComparison.Ordinal) && !text.Contains(notShown, StringComparison.Ordinal),
        $"'{shown}' and not '{notShown}'");

    internal void Press(string keys) => Order("keys " + Convert.ToHexString(Encoding.UTF8.GetBytes(keys)));

    internal void Resize(int columns, int lines) => Order(string.Create(CultureInfo.InvariantCulture, $"size {columns} {lines}"));

    internal void Signal(int number) => Order(string.Create(CultureInfo.InvariantCulture, $"signal {number}"));

    internal void HangUp() => Order("hangup");

    /// <summary>Waits for the end of mmun.</summary>
    /// <returns>Its exit code, and whether the terminal is as it was before.</returns>
    internal (int ExitCode, bool IsRestored) WaitForEnd()
    {
        Assert.True(_process.WaitForExit(Patience.Limit), $"mmun does not end:\n{Text}");
        Assert.True(_reading.Wait(Patience.Limit));
        using JsonDocument document = JsonDocument.Parse(_errors.Result.TrimEnd().Split('\n')[^1]);
        JsonElement root = document.RootElement;
        return (root.GetProperty("exitCode").GetInt32(), root.GetProperty("isRestored").GetBoolean());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void WaitUntil(Func<string, bool> isShown, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isShown(Text))
        {
            // The end of mmun, too, ends the reading, or a sequence that the screen does not know.
            bool isOver = _reading.IsCompleted || Stopwatch.GetElapsedTime(start) > Patience.Limit;
            if (isOver && !isShown(Text))
                Assert.Fail($"the screen does not show {what}:\n{Text}\n{Errors()}\n{_reading.Exception?.InnerException?.Message}");
            Thread.Sleep(1);
        }
    }

    private string Errors() => _errors.IsCompleted ? _errors.Result : "";

    private T Locked<T>(Func<VirtualScreen, T> read)
    {
        lock (_screen)
            return read(_screen);
    }

    private void Order(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    private void Read()
    {
        var decoder = new StreamReader(_process.StandardOutput.BaseStream, new UTF8Encoding(false));
        var buffer = new char[4096];
        for (int count; (count = decoder.Read(buffer)) > 0;)
        {
            lock (_screen)
                _screen.Feed(new string(buffer, 0, count));
        }
    }
}
