using MmuNotifier.Hmm;

namespace MmuNotifier.Differential.Tests;

/// <summary>Smallest sequences of differences that were found once.</summary>
public sealed class FoundSequenceTests
{
    private const Protection ReadWrite = Protection.Read | Protection.Write;
    private const MapFlags PrivateFixed = MapFlags.Private | MapFlags.Fixed;
    private const RemapFlags MoveFixed = RemapFlags.MayMove | RemapFlags.Fixed;

    [Fact]
    public void A_move_that_shrinks_may_reach_beyond_the_mapping() => Check(
    [
        new() { Kind = OperationKind.Map, Offset = 0x1c000, Length = 0x9000, Protection = ReadWrite, MapFlags = PrivateFixed },
        new() { Kind = OperationKind.Remap, Offset = 0x24000, Length = 0x2000, NewOffset = 0x32000, NewLength = 1, RemapFlags = MoveFixed },
    ]);

    [Fact]
    public void A_length_that_leaves_the_address_space_is_no_error_of_its_own_where_nothing_is_mapped() => Check(
    [
        new() { Kind = OperationKind.Remap, Offset = 0x1a000, Length = 0xffffffffffff8000, NewLength = 1, RemapFlags = RemapFlags.MayMove },
    ]);

    [Fact]
    public void A_move_with_a_length_that_leaves_the_address_space_has_emptied_the_new_place() => Check(
    [
        new() { Kind = OperationKind.Map, Length = 0x9000, Protection = ReadWrite, MapFlags = PrivateFixed },
        new()
        {
            Kind = OperationKind.Remap,
            Length = 0xffffffffffff8000,
            NewOffset = 0x5000,
            NewLength = 1,
            RemapFlags = MoveFixed,
        },
    ]);

    [Fact]
    public void A_move_with_such_a_length_onto_itself_finds_nothing_to_move() => Check(
    [
        new() { Kind = OperationKind.Map, Offset = 0x33000, Length = 0x5000, Protection = ReadWrite, MapFlags = PrivateFixed },
        new()
        {
            Kind = OperationKind.Remap,
            Offset = 0x37000,
            Length = 0xffffffffffff8000,
            NewOffset = 0x37000,
            NewLength = 1,
            RemapFlags = MoveFixed,
        },
    ]);

    private static void Check(IReadOnlyList<Operation> operations)
    {
        const int pages = 64;
        var comparison = new Comparison(
            () => Arena.Make(MemoryKind.Kernel, pages), () => Arena.Make(MemoryKind.Simulated, pages, place: 1));
        IReadOnlyList<Operation> all = [.. operations, new Operation { Kind = OperationKind.Compare }];
        Difference? difference = comparison.Run(all);
        Assert.True(difference is null, difference?.Report(all));
    }
}
