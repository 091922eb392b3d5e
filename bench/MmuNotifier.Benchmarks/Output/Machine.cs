using System.Globalization;
using System.Runtime.InteropServices;

namespace MmuNotifier.Benchmarks;

/// <summary>Where and with what a table was measured.</summary>
/// <param name="Cpu">The model's name with family and model numbers, since virtual machines shorten the name.</param>
/// <param name="Cores">Cores of the machine.</param>
/// <param name="Kernel">Release of the running Linux.</param>
/// <param name="Runtime">Version of .NET.</param>
/// <param name="Commit">Commit of the tree that was measured, with "+" if it was changed.</param>
/// <param name="Date">Day of the measurement, UTC.</param>
internal sealed record Machine(string Cpu, int Cores, string Kernel, string Runtime, string Commit, string Date)
{
    /// <summary>The folder's name for results of this kind of machine.</summary>
    internal string Slug =>
        string.Join('-', Cpu.ToLowerInvariant().Split([' ', '(', ')', ',', '@', '/'], StringSplitOptions.RemoveEmptyEntries));

    internal static Machine Here() => new(
        CpuName(),
        Environment.ProcessorCount,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        RuntimeInformation.FrameworkDescription,
        CommitName(),
        DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static string CpuName()
    {
        Dictionary<string, string> first = File.ReadLines("/proc/cpuinfo")
            .TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);
        string name = first.GetValueOrDefault("model name", RuntimeInformation.ProcessArchitecture.ToString());
        return first.TryGetValue("cpu family", out string? family) && first.TryGetValue("model", out string? model)
            ? $"{name} (family {family}, model {model})"
            : name;
    }

    private static string CommitName()
    {
        try
        {
            string commit = Repository.Git("rev-parse", "--short", "HEAD");
            return Repository.Git("status", "--porcelain", "--untracked-files=no").Length == 0 ? commit : commit + "+";
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "unknown"; // Not in a clone, or no git.
        }
    }
}
