using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.MemoryContract;

/// <summary>Faults, files and what the CPU and devices find.</summary>
public abstract class FaultingContract(VirtualMemory memory, bool announcesOnlyChanges) : ContractTests(memory, announcesOnlyChanges)
{
    [Fact]
    public void Private_file_pages_are_copied_on_write()
    {
        using MemoryFile file = Memory.CreateFile(2 * Page);
        file.Write(0, [1]);
        ulong at = Memory.MapPages(2, file: file);
        ulong shared = Memory.MapPages(2, MapFlags.Shared, file: file);
        Assert.Equal(1, Memory.Read(at));
        Memory.Write(at, 2);
        Assert.Equal(1, Memory.Read(shared));
        Memory.Write(shared + Page, 7);
        var bytes = new byte[1];
        Assert.Equal(1, file.Read(Page, bytes));
        Assert.Equal(7, bytes[0]);
        Assert.Equal(7, Memory.Read(at + Page));
    }

    [Fact]
    public void Truncation_drops_pages_and_copies_everywhere()
    {
        using MemoryFile file = Memory.CreateFile(3 * Page);
        ulong at = Memory.MapPages(3, file: file);
        Memory.Write(at + (2 * Page), 1);
        file.Write(Page + 10, [5]);
        Assert.Equal(5, Memory.Read(at + Page + 10));
        Assert.Equal(Errno.None, file.Truncate(Page + 5));
        ExpectEvents(at, "Clear 2+1");
        Assert.Equal(Errno.BadAddress, Memory.TryRead(at + (2 * Page)));
        Assert.Equal(0, Memory.Read(at + Page + 10));
        Assert.Equal(Errno.None, file.Truncate(3 * Page));
        Assert.Equal(0, Memory.Read(at + (2 * Page)));
    }

    [Fact]
    public void Punching_keeps_private_copies_and_zeros_parts()
    {
        using MemoryFile file = Memory.CreateFile(3 * Page);
        ulong at = Memory.MapPages(3, file: file);
        ulong shared = Memory.MapPages(3, MapFlags.Shared, file: file);
        for (ulong i = 0; i < 3; i++)
            Memory.Write(shared + (i * Page), 1);
        Memory.Write(at + Page, 9);
        Assert.Equal(Errno.None, file.PunchHole(0, (2 * Page) + 1));
        Assert.Equal(9, Memory.Read(at + Page));
        Assert.Equal(0, Memory.Read(at));
        Assert.Equal(0, Memory.Read(shared + Page));
        Assert.Equal(0, Memory.Read(shared + (2 * Page)));
        Assert.Equal(Errno.InvalidArgument, file.PunchHole(0, 0));
    }

    [Fact]
    public void A_closed_file_lives_as_long_as_its_mappings()
    {
        MemoryFile file = Memory.CreateFile(Page);
        ulong at = Memory.MapPages(1, MapFlags.Shared, file: file);
        Memory.Write(at, 3);
        file.Dispose();
        Assert.Equal(3, Memory.Read(at));
    }

    [Fact]
    public void A_hole_in_a_file_is_announced_where_it_is_mapped()
    {
        using MemoryFile file = Memory.CreateFile(4 * Page);
        Assert.Equal(Errno.None, Memory.Map(0, 2 * Page, ReadWrite, MapFlags.Shared, out ulong at, file, 2 * Page));
        Memory.Write(at + Page, 1);
        ForgetEvents();
        Assert.Equal(Errno.None, file.PunchHole(3 * Page, Page));
        ExpectEvents(at, "Clear 1+1");
    }

    [Fact]
    public void What_is_stored_is_read_by_frame()
    {
        ulong at = Memory.MapPages(2);
        Assert.Equal(Errno.None, Memory.Write(at + Page, 7));
        Assert.Equal(PageState.None, Memory.PageOf(at).State);
        PageEntry entry = Memory.PageOf(at + Page);
        Assert.True(entry is { State: PageState.Present, IsWritable: true });
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, Memory.ReadFrame(entry.Frame, 0, read));
        Assert.Equal(7, read[0]);
    }

    [Fact]
    public void Shared_memory_is_shared_with_a_child()
    {
        Need(MemoryFeature.Fork);
        ulong shared = Memory.MapPages(1, MapFlags.Shared);
        Memory.Write(shared, 1);
        using VirtualMemory child = Memory.Fork();
        child.Write(shared, 2);
        Assert.Equal(2, Memory.Read(shared));
    }

    [Fact]
    public void A_read_finds_zeros_and_a_write_then_has_a_page_of_its_own()
    {
        ulong at = Memory.MapPages(1);
        Assert.Equal(0, Memory.Read(at));
        PageEntry entry = Memory.PageOf(at);
        bool isZero = entry.State == PageState.Zero;
        Assert.True(isZero ? !entry.IsWritable : entry.State == PageState.Present);
        Memory.Write(at, 1);
        ExpectEvents(at, isZero ? ["Clear 0+1"] : []);
        Assert.True(Memory.PageOf(at) is { State: PageState.Present, IsWritable: true });
    }

    [Fact]
    public void A_fault_where_a_mapping_comes_and_goes_is_served_or_finds_none()
    {
        var changer = new Thread(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                Memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, at: At);
                Memory.Unmap(At, Page);
            }
        })
        { IsBackground = true };
        changer.Start();
        for (int i = 0; changer.IsAlive; i++)
            Assert.Contains(Memory.FaultIn(At, isWrite: i % 2 == 0), new[] { Errno.None, Errno.BadAddress });
        Assert.True(changer.Join(Patience.Limit));
    }
}
