using System.Text.Json;
using MmuNotifier.Benchmarks.Caches;

namespace MmuNotifier.Benchmarks.Tests.Caches;

/// <summary>The comparison runs, small, with or without UCX. No figure is asserted but those that are counted.</summary>
public sealed class PeersTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-peers");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_quick_comparison_has_every_kind_of_row_and_writes_table_and_plot()
    {
        using (var watch = new MmuNotifier.Linux.LinuxMemoryWatch(new AddressSpace()))
        {
            if (watch.Failure is { } failure)
                Assert.Skip(failure);
        }

        Commands.Output(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Benchmarks.dll"), "peers", "--quick", "--save-to",
                _folder.FullName);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.FullName, "peers.json")));
        Dictionary<string, JsonElement> rows = document.RootElement.GetProperty("rows").EnumerateArray()
            .GroupBy(row => row.GetProperty("name").GetString()!).ToDictionary(group => group.Key, group => group.First());
        Assert.Contains(PeersRowNames.HitTwoThreads, rows.Keys);
        Assert.Contains(PeersRowNames.HitAssumingTwoThreads, rows.Keys);
        Assert.Contains(PeersRowNames.Miss, rows.Keys);
        Assert.Contains(PeersRowNames.VerifyOnHit, rows.Keys);
        Assert.Contains(PeersRowNames.Bystander, rows.Keys);
        Assert.Contains(PeersRowNames.UnmapWatchedFloor, rows.Keys);
        Assert.Equal(0, rows[PeersRowNames.HitBytes].GetProperty("ours").GetDouble());
        Assert.Equal(0, rows[PeersRowNames.Race("R1-grow")].GetProperty("ours").GetDouble());
        Assert.Equal(0, rows[PeersRowNames.Race("R3")].GetProperty("ours").GetDouble());
        Assert.True(new FileInfo(Path.Combine(_folder.FullName, "peers.svg")).Length > 0);
    }
}
