using System.Globalization;
using System.Text;

namespace MmuNotifier.Benchmarks.Cores;

/// <summary>The rows as a table.</summary>
internal static class CoreMarkdown
{
    private const double MiB = 1 << 20;
    private const double MostTimesOfGcore = 2;

    internal static string Of(Machine machine, IReadOnlyList<CoreRow> rows)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Core files: {machine.Cpu}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{machine.Cpu}, {machine.Cores} cores, Linux {machine.Kernel}, {machine.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"commit {machine.Commit}, {machine.Date}.\n");
        text.Append("What the columns are and how they are measured: docs/benchmarks.md.\n\n");
        text.Append("| target | tool | runs | no core | stop, ms: median | worst | goal | reached | by itself, ms | time, s | × peer "
            + "| MiB on disk | tool's memory, MiB |\n");
        text.Append('|').Insert(text.Length, "---|", 13).Append('\n');
        foreach (CoreRow row in rows)
            AppendRow(text, row, rows.FirstOrDefault(other => other.Load == row.Load && other.Tool.IsPeer));
        text.Append("\nGoals of the time: at most ").Append(MostTimesOfGcore).Append(" times the peer's. Of the tool's memory: ");
        text.Append("128 MiB and 1 % of the target.\n");
        foreach (CoreRow row in rows.Where(row => row.Refused > 0))
            AppendLastFailure(text, row);
        return text.ToString();
    }

    private static void AppendLastFailure(StringBuilder text, CoreRow row)
    {
        string failure = row.Runs.Last(run => run.Failure is not null).Failure!.ReplaceLineEndings(" ");
        text.Append(CultureInfo.InvariantCulture, $"- {row.Load.Name}, {row.Tool.Name}: no core. The last time: {failure}\n");
    }

    private static void AppendRow(StringBuilder text, CoreRow row, CoreRow? peer)
    {
        string goal = !row.Tool.IsPeer && row.Load.Goal is { } limits ? $"≤ {limits.Median} / {limits.Worst}" : "–";
        string reached = row.IsReached switch { true => "yes", false => "no", null => "–" };
        string times = !row.Tool.IsPeer && peer is not null
            ? (row.Time / peer.Time).ToString("0.00", CultureInfo.InvariantCulture)
            : "–";
        text.Append(CultureInfo.InvariantCulture, $"| {row.Load.Name} | {row.Tool.Name} | {row.Runs.Count} | {row.Refused} ");
        text.Append(CultureInfo.InvariantCulture, $"| {row.MedianStop:0.0} | {row.WorstStop:0.0} | {goal} | {reached} ");
        text.Append(CultureInfo.InvariantCulture, $"| {row.ControlGap:0.0} ");
        text.Append(CultureInfo.InvariantCulture, $"| {row.Time:0.00} | {times} | {row.Bytes / MiB:0} | {row.PeakBytes / MiB:0} |\n");
    }
}
