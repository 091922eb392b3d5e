using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Sampling;

public class MappingsDifferenceTests
{
    private readonly MappingsDifference _difference = new();
    private int _look;

    [Fact]
    public void What_is_new_was_mapped_also_where_a_mapping_has_grown()
    {
        _difference.Begin([Mapping(16, 4, "[heap]")]);
        Assert.Equal(["Mapped 20+2", "Mapped 64+8"], Look([Mapping(16, 6, "[heap]"), Mapping(64, 8)]));
        Assert.Empty(Look([Mapping(16, 6, "[heap]"), Mapping(64, 8)]));
    }

    [Fact]
    public void What_is_gone_is_reported_once_although_its_event_comes_before_or_after_the_look()
    {
        _difference.Begin([Mapping(16, 4), Mapping(32, 4)]);
        Assert.Equal(["Unmapped 16+4"], Look([Mapping(32, 4)], Event(MemoryEventKind.Unmapped, 16, 4)));
        Assert.Empty(Look([]));
        Assert.Equal(["Unmapped 32+4"], Look([], Event(MemoryEventKind.Unmapped, 32, 4)));
        Assert.Empty(Look([]));
    }

    [Fact]
    public void What_is_gone_without_an_event_is_reported_at_the_next_look()
    {
        _difference.Begin([Mapping(16, 4)]);
        Assert.Empty(Look([]));
        Assert.Equal(["Unmapped 16+4"], Look([]));
        Assert.Empty(Look([]));
    }

    [Fact]
    public void What_was_unmapped_and_is_there_was_mapped_again()
    {
        _difference.Begin([Mapping(16, 4)]);
        Assert.Equal(
            ["Unmapped 17+2", "Mapped 17+2"], Look([Mapping(16, 4)], Event(MemoryEventKind.Unmapped, 17, 2)));
    }

    [Fact]
    public void What_was_moved_was_not_mapped()
    {
        _difference.Begin([Mapping(16, 4)]);
        Assert.Equal(["Moved 16+4"], Look([Mapping(64, 4)], Event(MemoryEventKind.Moved, 16, 4, 0, 64)));
    }

    [Fact]
    public void A_changed_protection_is_reported_for_what_it_is_of()
    {
        _difference.Begin([Mapping(16, 8)]);
        Assert.Equal(
            ["Protected 18+2"], Look([Mapping(16, 2), Mapping(18, 2, "", Protection.Read), Mapping(20, 4)]));
    }

    [Fact]
    public void Where_another_file_is_mapped_the_first_has_gone()
    {
        LiveMapping file = Mapping(16, 4, "/a") with { IsFileBacked = true };
        _difference.Begin([file]);
        Assert.Equal(["Mapped 16+4"], Look([file with { FileOffset = 1 << 20 }]));
        Assert.Equal(["Unmapped 16+4"], Look([file with { FileOffset = 1 << 20 }]));
    }

    [Fact]
    public void What_came_before_an_exec_says_nothing_about_the_new_program()
    {
        _difference.Begin([Mapping(16, 4)]);
        Assert.Equal(
            ["Unmapped 16+4", "Executed"],
            Look([Mapping(16, 4)], Event(MemoryEventKind.Unmapped, 16, 4), Event(MemoryEventKind.Executed, 0, 1)));
    }

    private List<string> Look(LiveMapping[] after, params MemoryEvent[] events)
    {
        List<MemoryEvent> all = [.. events];
        _difference.Add(after, all, TimeSpan.FromSeconds(++_look));
        return [.. all.Select(each => each.Range == AddressRange.Whole
            ? $"{each.Kind}"
            : $"{each.Kind} {each.Range.Start >> 12}+{MemorySample.PagesIn(each.Range)}")];
    }
}
