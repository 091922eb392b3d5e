using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.MemoryContract;

/// <summary>Pages that a device holds for its atomics.</summary>
public abstract class ExclusiveContract : ContractTests
{
    private readonly object _owner = new();
    private readonly ulong[] _frames = new ulong[2];

    protected ExclusiveContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges) => Need(MemoryFeature.Exclusive);

    [Fact]
    public void A_touch_takes_a_page_back_and_the_device_hears_of_it()
    {
        ulong at = Memory.MapPages(2);
        var own = new EventRecorder(Memory.Space, _owner);
        Assert.Equal(Errno.None, Memory.MakeExclusive(PageRange(at, 2), _owner, _frames));
        Assert.Equal(PageState.DeviceExclusive, Memory.PageOf(at).State);
        Assert.Empty(own.Take(at));
        ExpectEvents(at, "Exclusive 0+1", "Exclusive 1+1");
        Assert.Equal(Errno.None, Memory.WriteFrame(_frames[0], 0, [6]));
        Assert.Equal(6, Memory.Read(at));
        Assert.Equal(["Exclusive 0+1"], own.Take(at));
        Assert.Equal(PageState.Present, Memory.PageOf(at).State);
        Assert.Equal(PageState.DeviceExclusive, Memory.PageOf(at + Page).State);
    }

    [Fact]
    public void A_fork_ends_it_and_both_sides_have_the_data()
    {
        Need(MemoryFeature.Fork);
        ulong at = Take(2);
        Assert.Equal(Errno.None, Memory.WriteFrame(_frames[1], 0, [2]));
        using VirtualMemory child = Memory.Fork();
        Assert.Equal(PageState.Present, Memory.PageOf(at + Page).State);
        Assert.Equal(2, child.Read(at + Page));
        Memory.Write(at + Page, 3);
        Assert.Equal(2, child.Read(at + Page));
    }

    [Fact]
    public void Read_only_afterwards_permits_no_write()
    {
        ulong at = Take(1);
        Assert.Equal(Errno.None, Memory.WriteFrame(_frames[0], 0, [2]));
        Assert.Equal(Errno.None, Memory.Protect(at, Page, Protection.Read));
        Assert.Equal(Errno.NotPermitted, Memory.FaultIn(at, isWrite: true, _owner));
        Assert.Equal(Errno.BadAddress, Memory.Write(at, 3));
        Assert.Equal(2, Memory.Read(at));
    }

    [Fact]
    public void What_is_dropped_or_unmapped_is_held_no_more()
    {
        ulong at = Take(2);
        Assert.Equal(Errno.None, Memory.Advise(at, Page, Advice.DontNeed));
        Assert.Equal(PageState.None, Memory.PageOf(at).State);
        Assert.Equal(0, Memory.Read(at));
        Assert.Equal(Errno.None, Memory.Unmap(at + Page, Page));
        Assert.Equal(Errno.BadAddress, Memory.TryRead(at + Page));
    }

    [Fact]
    public void Is_refused_where_a_write_is_and_for_shared_memory()
    {
        ulong at = Memory.MapPages(1, MapFlags.Private, Protection.Read);
        Assert.Equal(Errno.NotPermitted, Memory.MakeExclusive(PageRange(at, 1), _owner, _frames.AsSpan(0, 1)));
        ulong shared = Memory.MapPages(1, MapFlags.Shared);
        Assert.Equal(Errno.Busy, Memory.MakeExclusive(PageRange(shared, 1), _owner, _frames.AsSpan(0, 1)));
        Assert.Equal(Errno.BadAddress, Memory.MakeExclusive(PageRange(At, 1), _owner, _frames.AsSpan(0, 1)));
    }

    private ulong Take(ulong pages)
    {
        ulong at = Memory.MapPages(pages);
        for (ulong i = 0; i < pages; i++)
            Memory.Write(at + (i * Page), 1);
        Assert.Equal(Errno.None, Memory.MakeExclusive(PageRange(at, pages), _owner, _frames.AsSpan(0, (int)pages)));
        return at;
    }
}
