using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace MmuNotifier.Benchmarks;

/// <summary>Alternates runs of redis-benchmark without and with the mirror on one server.</summary>
internal static class RedisBenchmark
{
    private const int WarmUpRequests = 200_000;

    /// <summary>Time for the mirror to make its first copy of everything before the run is measured.</summary>
    private static readonly TimeSpan FirstCopy = TimeSpan.FromSeconds(2);

    internal static int Run(int pairs, int seconds, int mebibytes, double? verifyEvery)
    {
        using var server = new RedisServer(mebibytes);
        long requests = (long)(server.Set(WarmUpRequests) * seconds);
        var ratios = new List<double>();
        var catchUps = new List<double>();
        Table table = new Table().Title("redis-benchmark SET/s without and with the mirror");
        table.AddColumns("pair", "without", "with", "ratio", "MiB mirrored", "rounds", "pages written", "catch-up ms");
        for (int pair = 1; pair <= pairs; pair++)
        {
            double without = server.Set(requests);
            (double with, JsonElement report) = RunMirrored(server, requests, verifyEvery);
            ratios.Add(with / without);
            double[] own =
            [
                .. report.GetProperty("freezes").EnumerateArray().Select(freeze => freeze.GetProperty("catchUpMicros").GetInt64() / 1000.0),
            ];
            catchUps.AddRange(own);
            table.AddRow(
                Text(pair),
                without.ToString("F0", CultureInfo.InvariantCulture),
                with.ToString("F0", CultureInfo.InvariantCulture),
                (with / without).ToString("F3", CultureInfo.InvariantCulture),
                Text(report.GetProperty("pagesMirrored").GetInt64() / 256),
                Text(report.GetProperty("rounds").GetInt64()),
                Text(report.GetProperty("pagesWritten").GetInt64()),
                string.Join(' ', own.Select(time => time.ToString("F1", CultureInfo.InvariantCulture))));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"ratio with/without: {Spread(ratios)} (prototype 0.5, goal 0.8)");
        AnsiConsole.WriteLine($"catch-up of a freeze, ms: {Spread(catchUps)} (goal 10 at 128 MiB)");
        return 0;
    }

    private static (double Rate, JsonElement Report) RunMirrored(RedisServer server, long requests, double? verifyEvery)
    {
        using var mirror = new MirrorProcess(server.ProcessId, verifyEvery);
        Thread.Sleep(FirstCopy);
        double rate = server.Set(requests);
        return (rate, mirror.Stop());
    }

    private static string Spread(List<double> values)
    {
        values.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
                $"median {values[values.Count / 2]:F3}, {values[0]:F3} to {values[^1]:F3}, {values.Count} values");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
