using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.MemoryContract;

/// <summary>mmap, munmap and mprotect.</summary>
public abstract class MappingContract(VirtualMemory memory, bool announcesOnlyChanges) : ContractTests(memory, announcesOnlyChanges)
{
    [Theory]
    [InlineData(0, Page, MapFlags.None, 0, Errno.InvalidArgument)]
    [InlineData(0, 0, MapFlags.Private, 0, Errno.InvalidArgument)]
    [InlineData(0, Page, MapFlags.Private | MapFlags.Shared, 0, Errno.InvalidArgument)]
    [InlineData(0, Page, MapFlags.Private, 5, Errno.InvalidArgument)]
    [InlineData(0, ulong.MaxValue, MapFlags.Private, 0, Errno.NoMemory)]
    [InlineData(0, 1UL << 50, MapFlags.Private, 0, Errno.NoMemory)]
    [InlineData(At + 1, Page, MapFlags.Private | MapFlags.Fixed, 0, Errno.InvalidArgument)]
    [InlineData(0x7fff_ffff_f000, Page, MapFlags.Private | MapFlags.Fixed, 0, Errno.NoMemory)]
    public void Refuses_as_mmap_does(ulong address, ulong length, MapFlags flags, ulong offset, Errno expected)
    {
        Assert.Equal(expected, Memory.Map(address, length, ReadWrite, flags, out ulong mapped, null, offset));
        Assert.Equal(0UL, mapped);
    }

    [Fact]
    public void Fixed_replaces_with_an_unmap_and_no_replace_refuses()
    {
        Memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        Memory.Write(At + Page, 1);
        ForgetEvents();
        Assert.Equal(Errno.Exists, Memory.Map(At + Page, Page, ReadWrite, MapFlags.Private | MapFlags.FixedNoReplace, out _));
        ExpectEvents(At);
        Memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, Protection.Read, at: At + Page);
        ExpectEvents(At, "Unmap 1+1");
        Assert.Equal(["0+1 Read, Write", "1+1 Read", "2+2 Read, Write"], Memory.Layout(At));
        Assert.Equal(0, Memory.Read(At + Page));
    }

    [Fact]
    public void A_free_hint_is_followed_and_a_taken_one_is_not()
    {
        Assert.Equal(At, Memory.MapPages(1, at: At + 5));
        Assert.NotEqual(At, Memory.MapPages(1, at: At));
    }

    [Fact]
    public void Populate_makes_the_pages()
    {
        ulong at = Memory.MapPages(2, MapFlags.Private | MapFlags.Populate);
        Assert.Equal((PageState.Present, true), (Memory.PageOf(at + Page).State, Memory.PageOf(at + Page).IsWritable));
    }

    [Fact]
    public void Unmapping_the_middle_splits_and_raises_one_event()
    {
        Memory.MapPages(5, MapFlags.Private | MapFlags.Fixed, at: At);
        ForgetEvents();
        Assert.Equal(Errno.None, Memory.Unmap(At + Page, 2 * Page));
        ExpectEvents(At, "Unmap 1+2");
        Assert.Equal(["0+1 Read, Write", "3+2 Read, Write"], Memory.Layout(At));
        Assert.Equal(Errno.None, Memory.Unmap(At + Page, Page));
        ExpectEvents(At);
        Assert.Equal(Errno.BadAddress, Memory.TryRead(At + Page));
    }

    [Theory]
    [InlineData(1, Page)]
    [InlineData(0, 0)]
    [InlineData(0, ulong.MaxValue)]
    [InlineData(1UL << 60, Page)]
    public void Unmap_refuses_as_munmap_does(ulong offset, ulong length) =>
        Assert.Equal(Errno.InvalidArgument, Memory.Unmap(At + offset, length));

    [Fact]
    public void Protecting_splits_and_joins_again()
    {
        Memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        Memory.Write(At + Page, 1);
        ForgetEvents();
        Assert.Equal(Errno.None, Memory.Protect(At + Page, 2 * Page, Protection.Read));
        Assert.Equal(["0+1 Read, Write", "1+2 Read", "3+1 Read, Write"], Memory.Layout(At));
        Assert.Equal(Errno.BadAddress, Memory.Write(At + Page, 1));
        Assert.Equal(Errno.NotPermitted, Memory.FaultIn(At + Page, isWrite: true));
        Assert.Equal(Errno.None, Memory.Protect(At, 4 * Page, ReadWrite));
        Assert.Equal(["0+4 Read, Write"], Memory.Layout(At));
        ExpectEvents(At, "ProtectionVma 1+2", "ProtectionVma 1+2");
        Assert.Equal(Errno.None, Memory.Write(At + Page, 2));
        ExpectEvents(At);
    }

    [Fact]
    public void Protecting_over_a_hole_changes_the_part_before_it()
    {
        Memory.MapPages(3, MapFlags.Private | MapFlags.Fixed, at: At);
        Memory.Unmap(At + Page, Page);
        Assert.Equal(Errno.NoMemory, Memory.Protect(At, 3 * Page, Protection.Read));
        Assert.Equal(["0+1 Read", "2+1 Read, Write"], Memory.Layout(At));
        Assert.Equal(Errno.NoMemory, Memory.Protect(At + Page, Page, Protection.Read));
        Assert.Equal(Errno.InvalidArgument, Memory.Protect(At + 1, Page, Protection.Read));
        Assert.Equal(Errno.None, Memory.Protect(At + Page, 0, Protection.Read));
    }

    [Fact]
    public void Nothing_can_be_read_where_nothing_is_permitted()
    {
        ulong at = Memory.MapPages(1);
        Memory.Write(at, 1);
        Memory.Protect(at, Page, Protection.None);
        Assert.Equal(Errno.BadAddress, Memory.TryRead(at));
        Assert.Equal(Errno.BadAddress, Memory.FaultIn(at, isWrite: false));
        Memory.Protect(at, Page, Protection.Read);
        Assert.Equal(1, Memory.Read(at));
    }
}
