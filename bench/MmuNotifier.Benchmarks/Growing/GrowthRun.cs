extern alias exploration;

using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Growth;
using Counted = exploration::MmuNotifier.Growth;

namespace MmuNotifier.Benchmarks.Growing;

/// <summary>
/// All rows of growth. Steps are counted in the engine's sources over counting primitives, and are the same on every machine. Bytes and
/// time are those of the engine as a user gets it.
/// </summary>
internal static class GrowthRun
{
    /// <summary>Time depends on the caches and on who else uses the machine: only a power more is a failure.</summary>
    private const double ToleranceOfTime = 0.75;

    /// <summary>
    /// Added to each time: what the first cache misses of a round cost. Without it a row of one short operation would show them.
    /// </summary>
    private const double NanosecondsOfRound = 5000;

    private const int RoundsOfTime = 7;

    private const string Head = "rule          steps  exp          bytes  exp             ns  exp";

    /// <returns>Whether every row is within its rule.</returns>
    internal static bool Run(string filter, int smallest)
    {
        string sizes = string.Join(", ", GrowthCosts.Sizes(smallest).Select(size => size.ToString("N0", CultureInfo.InvariantCulture)));
        Console.WriteLine($"n = {sizes}. The cost of one operation at the smallest and the greatest n, and the exponent of n.");
        Console.WriteLine(Head);
        bool isWithin = true;
        foreach ((GrowthRow row, Counted.GrowthRow counted) in GrowthRows.All.Zip(Counted.GrowthRows.All))
        {
            if (!IsNamed(row.Name, filter))
                continue;
            isWithin &= Show(row, Counted.StepCounting.Measure(counted, smallest), smallest);
        }

        foreach (KeptRow row in KeptRows.All.Where(row => IsNamed(row.Name, filter)))
            isWithin &= Show(row, smallest);
        return isWithin;
    }

    private static bool Show(GrowthRow row, Counted.GrowthCosts steps, int smallest)
    {
        GrowthCosts.Measure(row, smallest, Bytes); // Warms up.
        GrowthCosts bytes = GrowthCosts.Measure(row, smallest, Bytes);
        GrowthCosts time = Time(row, smallest);
        bool isWithin = steps.IsWithin(row.Exponent) && bytes.IsWithin(row.Exponent) && time.Exponent <= row.Exponent + ToleranceOfTime;
        Console.WriteLine($"{row.Exponent,4}{Ends(steps.Costs, steps.Exponent)}{Ends(bytes)}{Ends(time)}  {row.Name}{Mark(isWithin)}");
        return isWithin;
    }

    private static bool Show(KeptRow row, int smallest)
    {
        GrowthCosts kept = KeptBytes.Measure(row, smallest);
        bool isWithin = kept.IsWithin(row.Exponent);
        Console.WriteLine($"{row.Exponent,4}{"",20}{Ends(kept)}{"",20}  kept: {row.Name}{Mark(isWithin)}");
        return isWithin;
    }

    /// <summary>The best of some rounds at each size: what another program takes of the machine only makes a round longer.</summary>
    private static GrowthCosts Time(GrowthRow row, int smallest)
    {
        List<GrowthCosts> rounds = [.. Enumerable.Range(0, RoundsOfTime).Select(_ => GrowthCosts.Measure(row, smallest, Nanoseconds))];
        return new GrowthCosts([.. Enumerable.Range(0, rounds[0].Costs.Count).Select(size => rounds.Min(round => round.Costs[size]))]);
    }

    private static string Mark(bool isWithin) => isWithin ? "" : "  ABOVE";

    private static bool IsNamed(string name, string filter) => name.Contains(filter, StringComparison.OrdinalIgnoreCase);

    private static string Ends(GrowthCosts costs) => Ends(costs.Costs, costs.Exponent);

    private static string Ends(IReadOnlyList<double> costs, double exponent) =>
        string.Create(CultureInfo.InvariantCulture, $"{$"{costs[0]:F0}–{costs[^1]:F0}",15}{exponent,5:F1}");

    private static double Bytes(Action run)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double Nanoseconds(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds + NanosecondsOfRound;
    }
}
