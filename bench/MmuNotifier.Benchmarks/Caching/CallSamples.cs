using System.Diagnostics;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>What a call costs: of rounds of calls, one after the other.</summary>
internal sealed class CallSamples
{
    private const int CallsPerRound = 1000;

    private readonly List<double> _microseconds = [];
    private readonly List<double> _bytes = [];

    public double Microseconds => Median(_microseconds);

    public double Bytes => Median(_bytes);

    public async Task RunRoundAsync(Func<int, Task> call, bool isKept)
    {
        long allocated = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < CallsPerRound; i++)
            await call(i).ConfigureAwait(false);
        double took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        if (!isKept)
            return;
        _microseconds.Add(took / CallsPerRound);
        _bytes.Add((GC.GetTotalAllocatedBytes() - allocated) / (double)CallsPerRound);
    }

    private static double Median(List<double> of) => of.Order().ElementAt(of.Count / 2);
}
