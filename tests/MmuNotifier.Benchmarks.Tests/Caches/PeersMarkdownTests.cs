using MmuNotifier.Benchmarks.Caches;

namespace MmuNotifier.Benchmarks.Tests.Caches;

public class PeersMarkdownTests
{
    private static readonly Machine Machine = new("some CPU", 2, "6.18", ".NET 10", "abc", "2026-01-01");

    [Fact]
    public void A_measured_peer_has_a_ratio_and_quoted_ones_are_marked()
    {
        string text = Text(new Row
        {
            Name = PeersRowNames.HitOneThread,
            N = 1,
            Unit = "ns",
            Ours = 12,
            Baseline = 24,
            Ratio = new Spread(0.5, 0.4, 0.6),
            RatioOf = PeersRun.OursByUcx,
            Goal = Goal.OursAtMost(27, "ns"),
            Reached = true,
        });
        Assert.Contains(
            "| get + put, cached, one thread | 1 | 0.5 (0.4–0.6) | ours / UCX | 12 | 24 | ns | ours ≤ 27 ns | yes | 35 | 36 | 27 |",
            text,
            StringComparison.Ordinal);
        Assert.Contains("libfabric userfaultfd*", text, StringComparison.Ordinal);
        Assert.Contains("* are quoted", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_is_missing_has_no_figure_and_a_note_says_why()
    {
        string text = Text(new Row
        {
            Name = PeersRowNames.Miss,
            N = 1,
            Unit = "ns",
            Ours = 3,
            RatioOf = PeersRun.OursByUcx,
            Note = "not beside UCX: it is missing",
        });
        Assert.Contains("| get + put, miss | 1 | – |  | 3 | – | ns | – | – |  |  |  |", text, StringComparison.Ordinal);
        Assert.Contains("- get + put, miss: not beside UCX: it is missing", text, StringComparison.Ordinal);
    }

    private static string Text(Row row) => PeersMarkdown.Of(new TableReport(Machine, 0, 1, Quick: false, [row]));
}
