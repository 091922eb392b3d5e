using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Benchmarks.Cores;

/// <summary>
/// A running target, which knows the longest time that one of its threads did not get on. It has a session of its own, as a service has:
/// the kernel's scheduler gives the processes of one session one share of the processors (sched_autogroup).
/// </summary>
internal sealed class CoreTarget : IDisposable
{
    /// <summary>Executes the program in the process that was started, so that the number stays.</summary>
    private const string NewSession = "setsid";

    private readonly DirectoryInfo? _folder;
    private readonly Process _process;

    internal CoreTarget(CoreLoad load)
    {
        string[] arguments = [Text(load.MiB), load.PagesPerSecond.ToString("R", CultureInfo.InvariantCulture), Text(load.Mappings)];
        ProcessStartInfo start;
        if (load.IsManaged)
        {
            string program = Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Benchmarks.dll");
            start = new ProcessStartInfo(NewSession, ["dotnet", program, CoreSideCommand.Name, "--", .. arguments[..2]]);
        }
        else
        {
            _folder = Directory.CreateTempSubdirectory("mmun-core-target");
            string program = Path.Combine(_folder.FullName, "written_memory");
            string source = Path.Combine(Repository.Root, "tests", "Targets", "Native", "written_memory.c");
            Commands.Output("cc", "-O1", "-pthread", "-o", program, source);
            start = new ProcessStartInfo(NewSession, [program, .. arguments]);
        }

        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        if (_process.StandardOutput.ReadLine() != "ready")
            throw new InvalidOperationException("The target has not started.");
    }

    internal int ProcessId => _process.Id;

    /// <summary>The longest gap since the last call, in ms, and how many pages were written since.</summary>
    internal (double Gap, long Written) TakeGap()
    {
        _process.StandardInput.WriteLine();
        string line;
        do // createdump, which runs in the target, prints into its output.
            line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The target has ended.");
        while (!char.IsAsciiDigit(line.FirstOrDefault()));
        string[] words = line.Split(' ');
        return (long.Parse(words[0], CultureInfo.InvariantCulture) / 1e6, long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder?.Delete(recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
