using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Benchmarks.Cores;

/// <summary>A program that writes a core file of a process.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Command">The words of its command line, given the process and the file.</param>
/// <param name="IsPeer">Whether others wrote it.</param>
internal sealed record CoreTool(string Name, Func<string, string, string[]> Command, bool IsPeer = true)
{
    private const int PollMilliseconds = 5;

    /// <summary>gcore adds the process to the name that it is given.</summary>
    internal static CoreTool Gcore { get; } = new("gcore", (process, file) => ["gcore", "-o", file, process]);

    internal static CoreTool DotnetDump { get; } = new(
        "dotnet-dump", (process, file) => ["dotnet-dump", "collect", "--type", "Full", "-p", process, "-o", file]);

    /// <param name="program">The program, compiled ahead of time as its package has it.</param>
    internal static CoreTool Mmun(string program) =>
        new("mmun core", (process, file) => [program, "core", "--pid", process, "-o", file], IsPeer: false);

    /// <summary>The build beside this benchmark, run by the .NET runtime, which takes a third of a second to start it.</summary>
    internal static CoreTool MmunByRuntime { get; } = new(
        "mmun core, by the runtime",
        (process, file) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "mmun.dll"), "core", "--pid", process, "-o", file],
        IsPeer: false);

    /// <summary>Whether it is installed.</summary>
    internal bool IsThere
    {
        get
        {
            string program = Command("", "")[0];
            return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
        }
    }

    /// <summary>Takes a core into an empty folder, and removes it.</summary>
    internal CoreRun Take(int processId, string folder)
    {
        string[] words = Command(processId.ToString(CultureInfo.InvariantCulture), Path.Combine(folder, "core"));
        long begin = Stopwatch.GetTimestamp();
        using Process process = Commands.Start(words[0], words[1..]);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        long peak = 0;
        do
            peak = Math.Max(peak, PeakKibibytes(process.Id));
        while (!process.WaitForExit(PollMilliseconds));
        TimeSpan time = Stopwatch.GetElapsedTime(begin);
        process.WaitForExit();
        long bytes = 0;
        foreach (string file in Directory.GetFiles(folder))
        {
            bytes += 512 * long.Parse(Commands.Output("stat", "-c", "%b", file), CultureInfo.InvariantCulture);
            File.Delete(file);
        }

        return new CoreRun(process.ExitCode == 0 ? null : errors.Result.Trim(), time, bytes, peak * 1024);
    }

    /// <summary>The most memory of the process and its children up to now; the tool may be a script.</summary>
    private static long PeakKibibytes(int processId)
    {
        try
        {
            long peak = File.ReadLines($"/proc/{processId}/status")
                .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
                .FirstOrDefault();
            string children = File.ReadAllText($"/proc/{processId}/task/{processId}/children");
            foreach (string child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                peak = Math.Max(peak, PeakKibibytes(int.Parse(child, CultureInfo.InvariantCulture)));
            return peak;
        }
        catch (IOException)
        {
            return 0; // It has ended.
        }
    }
}
