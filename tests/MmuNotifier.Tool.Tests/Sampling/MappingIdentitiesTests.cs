using MmuNotifier.Tool.Sampling;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Sampling;

public class MappingIdentitiesTests
{
    private readonly MappingIdentities _identities = new();

    [Fact]
    public void A_mapping_that_grows_at_either_end_keeps_its_number()
    {
        Assert.Equal([1, 2], _identities.Assign([Mapping(16, 4, "[heap]"), Mapping(64, 4)], []));
        Assert.Equal([1, 2], _identities.Assign([Mapping(16, 9, "[heap]"), Mapping(60, 8)], []));
    }

    [Fact]
    public void Of_two_that_become_one_the_larger_is_continued_and_when_they_part_each_has_its_number_again()
    {
        Assert.Equal([1, 2], _identities.Assign([Mapping(16, 2), Mapping(20, 8)], []));
        Assert.Equal([2], _identities.Assign([Mapping(16, 12)], []));
        Assert.Equal([1, 2], _identities.Assign([Mapping(16, 2), Mapping(20, 8)], []));
    }

    [Fact]
    public void A_mapping_that_is_moved_keeps_its_number()
    {
        Assert.Equal([1], _identities.Assign([Mapping(16, 4)], []));
        Assert.Equal([1], _identities.Assign([Mapping(64, 8)], [Event(MemoryEventKind.Moved, 16, 4, 0, 64)]));
    }

    [Fact]
    public void One_that_is_back_after_a_few_looks_has_its_number_again_and_another_at_the_place_has_not()
    {
        Assert.Equal([1], _identities.Assign([Mapping(16, 4)], []));
        Assert.Equal([], _identities.Assign([], []));
        Assert.Equal([2], _identities.Assign([Mapping(16, 4, "/file")], []));
        Assert.Equal([], _identities.Assign([], []));
        Assert.Equal([1], _identities.Assign([Mapping(16, 4)], []));
    }

    [Fact]
    public void After_an_exec_no_number_is_used_again()
    {
        Assert.Equal([1], _identities.Assign([Mapping(16, 4)], []));
        _identities.Reset();
        Assert.Equal([2], _identities.Assign([Mapping(16, 4)], []));
    }
}
