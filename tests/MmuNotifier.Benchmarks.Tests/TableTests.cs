using System.Text.Json;

namespace MmuNotifier.Benchmarks.Tests;

/// <summary>The table runs, small. Not one figure is asserted: speed is measured in <c>bench/</c>, not here.</summary>
public sealed class TableTests : IDisposable
{
    private static readonly string[] Written = ["table.json", "table.md", "cost.svg", "latency.svg"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-table");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_quick_table_has_every_kind_of_row_and_writes_results_and_plots()
    {
        string json = Path.Combine(_folder.FullName, "rows.json");
        Commands.Output(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Benchmarks.dll"), "table", "--quick", "--json", json, "--save-to",
                _folder.FullName);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        string[] names = [.. rows.Select(row => row.GetProperty("name").GetString()!).Distinct()];
        Assert.Contains(RowNames.Insert, names);
        Assert.Contains(RowNames.HitManyAfterReads, names);
        Assert.Contains(RowNames.TwoThreads, names);
        Assert.Contains(RowNames.RemoverNatural, names);
        Assert.Contains(RowNames.RetriesPart, names);
        Assert.Contains(RowNames.BytesActive, names);
        Assert.All(rows, row =>
            Assert.True(row.TryGetProperty("ratio", out _) && row.TryGetProperty("goal", out _) && row.TryGetProperty("reached", out _)));
        Assert.All(
            Written,
            name => Assert.True(new FileInfo(Path.Combine(_folder.FullName, name)).Length > 0));
    }
}
