using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace MmuNotifier.Benchmarks.Pauses;

/// <summary>The catch-up of freezes at a growing number of mappings, beside what the kernel takes for it.</summary>
internal static class PausesBenchmark
{
    private const double VerifyEvery = 1;

    private static readonly int[] s_mappings = [500, 5_000, 32_000];

    internal static int Run(int seconds)
    {
        Table table = new Table().Title("Freezes of a target with many mappings, ms: median (least to greatest)");
        table.AddColumns("mappings", "pages refreshed", "freezes", "catch-up", "maps alone", "scan alone", "compare", "pause");
        foreach (int mappings in s_mappings)
            AddRow(table, mappings, seconds);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine("goal: catch-up 20 ms at 5,000 mappings, 50 ms at 32,000");
        return 0;
    }

    private static void AddRow(Table table, int mappings, int seconds)
    {
        using var target = new ManyMappings(mappings);
        double maps = KernelFloor.Maps(target.ProcessId);
        double scan = KernelFloor.Scan(target.ProcessId);
        using var mirror = new MirrorProcess(target.ProcessId, VerifyEvery);
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        // The first freeze may come before the first copy of everything is complete.
        JsonElement[] freezes = [.. mirror.Stop().GetProperty("freezes").EnumerateArray().Skip(1)];
        if (freezes.Length == 0)
            throw new InvalidOperationException($"There were no two freezes in {seconds} s: take more --seconds.");
        table.AddRow(
            mappings.ToString("N0", CultureInfo.InvariantCulture),
            Spread(freezes, "pagesRefreshed", 1, "F0"),
            freezes.Length.ToString(CultureInfo.InvariantCulture),
            Spread(freezes, "catchUpMicros", 1000, "F1"),
            maps.ToString("F1", CultureInfo.InvariantCulture),
            scan.ToString("F1", CultureInfo.InvariantCulture),
            Spread(freezes, "compareMicros", 1000, "F1"),
            Spread(freezes, "pauseMicros", 1000, "F1"));
    }

    private static string Spread(JsonElement[] freezes, string name, double unit, string format)
    {
        double[] values = [.. freezes.Select(freeze => freeze.GetProperty(name).GetInt64() / unit).Order()];
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(values[values.Length / 2])} ({Text(values[0])} to {Text(values[^1])})";
    }
}
