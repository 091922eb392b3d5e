using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reports;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Tests.Recording;
using ChurnRow = MmuNotifier.Tool.Reports.Churn;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Reports;

/// <summary>What the tables say of looks that a test has made up.</summary>
public class RecordingAnalysisTests
{
    [Fact]
    public void Memory_that_comes_back_in_other_pieces_is_counted_as_mapped_again()
    {
        ChurnRow churn = Assert.Single(Of(
            Sample(0.25, [Mapping(16, 4)]),
            Sample(0.5, [Mapping(16, 3), Mapping(19, 1, "[other]")], events: [Event(MemoryEventKind.Unmapped, 16, 4, 0.3), .. Mapped(0.5)]),
            Sample(0.75, [Mapping(16, 3)], events: [Event(MemoryEventKind.Unmapped, 16, 4, 0.6), .. Mapped(0.75)])));
        Assert.Equal((2, 2, 4), (churn.Times, churn.Unmapped, churn.Pages));
    }

    [Fact]
    public void Memory_that_does_not_come_back_is_not_counted()
    {
        Assert.Empty(Of(
            Sample(0.25, [Mapping(16, 4)]),
            Sample(
                0.5,
                [Mapping(64, 3)],
                events: [Event(MemoryEventKind.Unmapped, 16, 4, 0.3), Event(MemoryEventKind.Mapped, 64, 3, 0.5)])));
    }

    [Fact]
    public void After_an_exec_nothing_comes_back()
    {
        Assert.Empty(Of(
            Sample(0.25, [Mapping(16, 4)]),
            Sample(
                0.5,
                [Mapping(16, 3)],
                events:
                [
                    Event(MemoryEventKind.Unmapped, 16, 4, 0.3), Event(MemoryEventKind.Executed, 0, 1, 0.4),
                    Event(MemoryEventKind.Mapped, 16, 3, 0.5),
                ])));
    }

    private static MemoryEvent[] Mapped(double at) =>
        [Event(MemoryEventKind.Mapped, 16, 3, at), Event(MemoryEventKind.Mapped, 19, 1, at)];

    private static List<ChurnRow> Of(params MemorySample[] samples)
    {
        var reader = new RecordingReader(new MemoryStream(Recordings.Write(samples)));
        return [.. RecordingAnalysis.Of(reader).Churn];
    }
}
