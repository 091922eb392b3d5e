namespace MmuNotifier.Benchmarks.Cores;

/// <summary>What a tool did to a target, over some runs.</summary>
/// <param name="Load">The target.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Gaps">The longest gap of each run, in ms.</param>
/// <param name="ControlGaps">The longest gap beside each run, while nothing was done for as long, in ms.</param>
/// <param name="Runs">The runs.</param>
internal sealed record CoreRow(
    CoreLoad Load, CoreTool Tool, IReadOnlyList<double> Gaps, IReadOnlyList<double> ControlGaps, IReadOnlyList<CoreRun> Runs)
{
    /// <summary>In ms. What the target does not get on by itself is not the tool's.</summary>
    internal double MedianStop => Math.Max(0, Median(Gaps) - Median(ControlGaps));

    /// <summary>In ms.</summary>
    internal double WorstStop => Math.Max(0, Gaps.Max() - Median(ControlGaps));

    internal double ControlGap => Median(ControlGaps);

    internal int Refused => Runs.Count(run => run.Failure is not null);

    /// <summary>In seconds.</summary>
    internal double Time => Median([.. Runs.Select(run => run.Time.TotalSeconds)]);

    internal double Bytes => Median([.. Runs.Select(run => (double)run.Bytes)]);

    internal long PeakBytes => Runs.Max(run => run.PeakBytes);

    /// <summary>Null if the row has no goal.</summary>
    internal bool? IsReached => Tool.IsPeer || Load.Goal is not { } goal
        ? null
        : Refused == 0 && MedianStop <= goal.Median && WorstStop <= goal.Worst;

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
