using System.CommandLine;
using System.Globalization;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>The costs of the cache of values by name, beside others in one run.</summary>
internal static class CachingCommand
{
    public static Command Create()
    {
        var entries = new Option<int>("--entries") { Description = "Entries for the bytes.", DefaultValueFactory = _ => 1_000_000 };
        var onlyBytes = new Option<bool>("--only-bytes") { Description = "Measures the bytes of the entries alone." };
        var command = new Command("caching", "Measures hits, loads, removals and bytes of CoherentCache beside other caches.")
        {
            entries,
            onlyBytes,
        };
        command.SetAction(parsed =>
        {
            if (!parsed.GetValue(onlyBytes))
                Run();
            WriteBytes(parsed.GetValue(entries));
        });
        return command;
    }

    private static void Run()
    {
        IReadOnlyList<(string Name, double Nanoseconds, double Bytes)> hits = CachingHits.Measure();
        double reference = hits.First(each => each.Name == "HybridCache").Nanoseconds;
        Write("| hit | ns | of HybridCache | B |");
        Write("|---|---|---|---|");
        foreach ((string name, double nanoseconds, double bytes) in hits)
            WriteRow($"| {name} | {nanoseconds:F1} | {nanoseconds / reference:F2} | {bytes:F0} |");
        Write("");
        Write("| entries removed | by tag, µs | an entry, ns | by prefix, µs | an entry, ns |");
        Write("|---|---|---|---|---|");
        foreach (int count in (int[])[1, 1_000, 10_000, 100_000])
        {
            (double tag, double prefix) = CachingSizes.Remove(count);
            WriteRow($"| {count:N0} | {tag:F1} | {1000 * tag / count:F0} | {prefix:F1} | {1000 * prefix / count:F0} |");
        }

        Write("");
        Write("| entries there | a load that is kept, ns | a removal by key, ns |");
        Write("|---|---|---|");
        foreach (int count in (int[])[1_000, 10_000, 100_000, 1_000_000])
        {
            (double load, double remove) = CachingSizes.MissAt(count);
            WriteRow($"| {count:N0} | {load:F0} | {remove:F0} |");
        }

        Write("");
    }

    private static void WriteBytes(int entries)
    {
        WriteRow($"| bytes an entry at {entries:N0} | B | entries found |");
        Write("|---|---|---|");
        foreach ((string name, double bytes, int found) in CachingSizes.MeasureBytes(entries))
            WriteRow($"| {name} | {bytes:F0} | {found:N0} |");
    }

    private static void WriteRow(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Write(string text) => Console.WriteLine(text);
}
