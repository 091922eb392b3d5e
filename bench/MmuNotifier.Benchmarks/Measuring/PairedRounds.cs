using System.Diagnostics;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// Measures two sides in turn, A B A B, on the same operations, so that whatever slows the machine for a while slows both. The ratio is
/// taken pair by pair.
/// </summary>
internal sealed class PairedRounds
{
    /// <summary>
    /// Big enough to hide what reading the clock costs, small enough that the loops are called often and reach their last tier.
    /// </summary>
    internal const int SliceLength = 2048;

    private readonly Slice _ours;
    private readonly Slice _baseline;
    private readonly int _roundLength;
    private int _next;

    /// <param name="ours">Ours.</param>
    /// <param name="baseline">The other side.</param>
    /// <param name="roundLength">After how many operations their order starts again.</param>
    internal PairedRounds(Slice ours, Slice baseline, int roundLength)
    {
        _ours = ours;
        _baseline = baseline;
        _roundLength = roundLength;
    }

    internal PairedResult Measure(MeasuringPlan plan)
    {
        long slices = WarmUp(plan);
        var ours = new List<double>();
        var baseline = new List<double>();
        long bytesOurs = 0;
        long bytesBaseline = 0;
        for (int pair = 0; pair < plan.Pairs; pair++)
        {
            int from = _next;
            ours.Add(Round(_ours, slices, ref bytesOurs));
            _next = from; // The same operations for both.
            baseline.Add(Round(_baseline, slices, ref bytesBaseline));
        }

        double operations = (double)slices * SliceLength * plan.Pairs;
        return PairedResult.Of(ours, baseline, bytesOurs / operations, bytesBaseline / operations);
    }

    /// <summary>
    /// Runs both for the time that the runtime needs to count calls, compile the last tier in the background and switch to it.
    /// </summary>
    /// <returns>How many slices make a round of the other side as long as the plan wants it.</returns>
    private long WarmUp(MeasuringPlan plan)
    {
        long bytes = 0;
        long start = Stopwatch.GetTimestamp();
        int rounds = 0;
        do
        {
            Round(_ours, 8, ref bytes);
            Round(_baseline, 8, ref bytes);
            rounds++;
        }
        while (rounds < 8 || Stopwatch.GetElapsedTime(start) < plan.WarmUp);
        double slice = Round(_baseline, 8, ref bytes) * SliceLength;
        return Math.Max(1, (long)(plan.Round.TotalNanoseconds / slice));
    }

    /// <returns>Nanoseconds an operation.</returns>
    private double Round(Slice slice, long slices, ref long bytes)
    {
        long ticks = 0;
        long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
        for (long i = 0; i < slices; i++)
        {
            ticks += slice(_next, SliceLength);
            _next = (int)(((long)_next + SliceLength) % _roundLength);
        }

        bytes += GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
        return Ticks.ToNanoseconds((double)ticks / (slices * SliceLength));
    }
}
