using System.Text.Json;
using System.Text.Json.Nodes;

namespace MmuNotifier.Benchmarks;

/// <summary>The table as JSON; docs/benchmarks.md describes the members.</summary>
internal static class TableJson
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(string path, TableReport report)
    {
        var document = new JsonObject
        {
            ["cpu"] = report.Machine.Cpu,
            ["cores"] = report.Machine.Cores,
            ["kernel"] = report.Machine.Kernel,
            ["runtime"] = report.Machine.Runtime,
            ["commit"] = report.Machine.Commit,
            ["date"] = report.Machine.Date,
            ["seconds"] = Math.Round(report.Seconds),
            ["otherCores"] = Math.Round(report.OtherCores, 2),
            ["quick"] = report.Quick,
            ["rows"] = new JsonArray([.. report.Rows.Select(Row)]),
        };
        File.WriteAllText(path, document.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Row(Row row) => new()
    {
        ["name"] = row.Name,
        ["n"] = row.N,
        ["unit"] = row.Unit,
        ["ours"] = Rounded(row.Ours),
        ["baseline"] = Rounded(row.Baseline),
        ["baselineText"] = row.BaselineText,
        ["against"] = row.Against,
        ["ratio"] = Rounded(row.Ratio?.Median),
        ["ratioLeast"] = Rounded(row.Ratio?.Least),
        ["ratioGreatest"] = Rounded(row.Ratio?.Greatest),
        ["ratioOf"] = row.Ratio is null ? null : row.RatioOf,
        ["goal"] = row.Goal?.ToString(),
        ["reached"] = row.Reached,
        ["kernelC"] = row.KernelC,
        ["bytes"] = Rounded(row.Bytes),
        ["oursLatencyNanoseconds"] = Latency(row.OursLatency),
        ["baselineLatencyNanoseconds"] = Latency(row.BaselineLatency),
        ["note"] = row.Note,
    };

    private static JsonObject? Latency(Percentiles? latency) => latency is null ? null : new JsonObject
    {
        ["calls"] = latency.Calls,
        ["p50"] = Math.Round(latency.P50),
        ["p99"] = Math.Round(latency.P99),
        ["p999"] = Math.Round(latency.P999),
        ["max"] = Math.Round(latency.Max),
    };

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 4) : null;
}
