using MmuNotifier.Hmm;

namespace MmuNotifier.MemoryContract;

/// <summary>mremap.</summary>
public abstract class RemappingContract : ContractTests
{
    private const RemapFlags Fixed = RemapFlags.MayMove | RemapFlags.Fixed;

    protected RemappingContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges)
    {
        Memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        for (ulong i = 0; i < 4; i++)
            Memory.Write(At + (i * Page), (byte)(i + 1));
        ForgetEvents();
    }

    [Fact]
    public void Shrinks_in_place()
    {
        Assert.Equal(Errno.None, Memory.Remap(At, 4 * Page, Page, RemapFlags.None, out ulong mapped));
        Assert.Equal(At, mapped);
        ExpectEvents(At, "Unmap 1+3");
        Assert.Equal(["0+1 Read, Write"], Memory.Layout(At));
    }

    [Fact]
    public void Grows_in_place_without_an_event()
    {
        Assert.Equal(Errno.None, Memory.Remap(At, 4 * Page, 6 * Page, RemapFlags.None, out ulong mapped));
        Assert.Equal(At, mapped);
        ExpectEvents(At);
        Assert.Equal(["0+6 Read, Write"], Memory.Layout(At));
    }

    [Fact]
    public void Moves_when_it_cannot_grow()
    {
        Assert.Equal(Errno.NoMemory, Memory.Remap(At, Page, 2 * Page, RemapFlags.None, out _));
        Assert.Equal(Errno.None, Memory.Remap(At, 2 * Page, 3 * Page, RemapFlags.MayMove, out ulong mapped));
        ExpectEvents(At, "Unmap 0+2");
        Assert.Equal(2, Memory.Read(mapped + Page));
        Assert.Equal(0, Memory.Read(mapped + (2 * Page)));
        Assert.Equal(Errno.BadAddress, Memory.TryRead(At));
        Assert.Equal(3, Memory.Read(At + (2 * Page)));
    }

    [Fact]
    public void Moves_to_a_place_and_replaces_what_is_there()
    {
        Memory.MapPages(2, MapFlags.Private | MapFlags.Fixed, at: To);
        Memory.Write(To, 9);
        Assert.Equal(Errno.None, Memory.Remap(At + Page, 2 * Page, 2 * Page, Fixed, out ulong mapped, To));
        Assert.Equal(To, mapped);
        ulong distance = (To - At) / Page;
        ExpectEvents(At, $"Unmap {distance}+2", "Unmap 1+2");
        Assert.Equal(2, Memory.Read(To));
        Assert.Equal(["0+1 Read, Write", "3+1 Read, Write", $"{distance}+2 Read, Write"], Memory.Layout(At));
    }

    [Fact]
    public void Dont_unmap_leaves_an_empty_mapping()
    {
        Assert.Equal(Errno.None, Memory.Remap(At, 4 * Page, 4 * Page, RemapFlags.MayMove | RemapFlags.DontUnmap, out ulong mapped));
        Assert.Equal(1, Memory.Read(mapped));
        Assert.Equal(0, Memory.Read(At));
        Assert.Equal(2, Memory.GetMappings().Count);
    }

    [Fact]
    public void Several_mappings_move_together_with_their_gap()
    {
        Memory.Unmap(At + Page, Page);
        Memory.Protect(At + (2 * Page), Page, Protection.Read);
        Assert.Equal(Errno.None, Memory.Remap(At, 4 * Page, 4 * Page, Fixed, out _, To));
        Assert.Equal(["0+1 Read, Write", "2+1 Read", "3+1 Read, Write"], Memory.Layout(To));
        Assert.Equal(3, Memory.Read(To + (2 * Page)));
    }

    [Fact]
    public void Length_zero_maps_sharedMemory_twice()
    {
        ulong shared = Memory.MapPages(1, MapFlags.Shared);
        Memory.Write(shared, 5);
        Assert.Equal(Errno.None, Memory.Remap(shared, 0, Page, RemapFlags.MayMove, out ulong second));
        Assert.Equal(5, Memory.Read(second));
        Memory.Write(second, 6);
        Assert.Equal(6, Memory.Read(shared));
        Assert.Equal(Errno.InvalidArgument, Memory.Remap(At, 0, Page, RemapFlags.MayMove, out _));
    }

    [Theory]
    [InlineData(At + 1, Page, Page, RemapFlags.MayMove, 0, Errno.InvalidArgument)]
    [InlineData(At, Page, 0, RemapFlags.MayMove, 0, Errno.InvalidArgument)]
    [InlineData(At, Page, Page, RemapFlags.Fixed, To, Errno.InvalidArgument)]
    [InlineData(At, Page, Page, Fixed, To + 1, Errno.InvalidArgument)]
    [InlineData(At, 2 * Page, 2 * Page, Fixed, At + Page, Errno.InvalidArgument)]
    [InlineData(At, Page, 2 * Page, RemapFlags.MayMove | RemapFlags.DontUnmap, 0, Errno.InvalidArgument)]
    [InlineData(At, Page, Page, (RemapFlags)64, 0, Errno.InvalidArgument)]
    [InlineData(To, Page, 2 * Page, RemapFlags.MayMove, 0, Errno.BadAddress)]
    [InlineData(At, 5 * Page, 6 * Page, RemapFlags.MayMove, 0, Errno.BadAddress)]
    public void Refuses_as_mremap_does(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress, Errno expected)
    {
        Assert.Equal(expected, Memory.Remap(address, length, newLength, flags, out ulong mapped, newAddress));
        Assert.Equal(0UL, mapped);
        ExpectEvents(At);
    }
}
