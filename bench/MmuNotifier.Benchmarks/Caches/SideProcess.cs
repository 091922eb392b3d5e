using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>A side of the comparison: a process that answers questions, and does nothing between them.</summary>
internal sealed class SideProcess : IDisposable
{
    private readonly Process _process;

    private SideProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        Title = ReadLine();
    }

    /// <summary>The title that the process reports.</summary>
    internal string Title { get; }

    /// <summary>What it has used so far.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>
    /// This program, as a side. As a user runs a program: with profile-guided optimisation, which a benchmark of several engines in one
    /// process turns off.
    /// </summary>
    internal static SideProcess StartOurs(string side)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Benchmarks.dll"), PeersSideCommand.Name, side]);
        start.Environment["DOTNET_TieredPGO"] = "1";
        return new SideProcess(start);
    }

    internal static SideProcess Start(string program, params string[] arguments) => new(new ProcessStartInfo(program, arguments));

    internal double Ask(string question, params ReadOnlySpan<double> numbers)
    {
        string line = question;
        foreach (double number in numbers)
            line += string.Create(CultureInfo.InvariantCulture, $" {number}");
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        string answer = ReadLine();
        return double.TryParse(answer, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new InvalidOperationException($"{Title}, asked for {line}: {answer}");
    }

    /// <summary>Closes its input, which ends the process.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }

    private string ReadLine()
    {
        string? line = _process.StandardOutput.ReadLine();
        if (line is null)
            throw new InvalidOperationException("A side of the comparison has ended; what it wrote to standard error says why.");
        return line.StartsWith("error ", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"A side of the comparison: {line}")
            : line;
    }
}
