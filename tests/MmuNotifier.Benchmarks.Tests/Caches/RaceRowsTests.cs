using MmuNotifier.Benchmarks.Caches;

namespace MmuNotifier.Benchmarks.Tests.Caches;

public class RaceRowsTests
{
    private const string Output =
        """
        {"name":"R1","iterations":100,"hits":90,"stale":0}
        {"name":"R2","iterations":100,"hits":7,"stale":3}

        """;

    [Fact]
    public void Each_race_is_a_row_whose_goal_is_none_stale()
    {
        Row[] rows = [.. RaceRows.Parse(Output)];
        Assert.Equal([PeersRowNames.Race("R1"), PeersRowNames.Race("R2")], rows.Select(row => row.Name));
        Assert.Equal([true, false], rows.Select(row => row.Reached!.Value));
        Assert.Equal(3, rows[1].Ours);
        Assert.Equal("100 changes, 7 hits", rows[1].Note);
    }
}
