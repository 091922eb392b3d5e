using MmuNotifier.Hmm;
using MmuNotifier.Linux.Own;

namespace MmuNotifier.Linux.Tests.Own;

public sealed class OwnMemoryTests
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    [Fact]
    public void What_is_stored_is_read_by_frame()
    {
        using var memory = new OwnMemory();
        ulong address = Map(memory, 4);
        Assert.Equal(Errno.None, memory.Store(address + Page, [1, 2, 3]));
        var entries = new PageEntry[4];
        memory.GetPages(AddressRange.FromLength(address, 4 * Page), entries);
        Assert.Equal(PageState.None, entries[0].State);
        Assert.True(entries[1] is { State: PageState.Present, IsWritable: true });
        byte[] read = new byte[3];
        Assert.Equal(Errno.None, memory.ReadFrame(entries[1].Frame, 0, read));
        Assert.Equal([1, 2, 3], read);
    }

    [Fact]
    public void Each_change_is_announced_with_its_event_and_range()
    {
        using var memory = new OwnMemory();
        ulong address = Map(memory, 4);
        var range = AddressRange.FromLength(address, 4 * Page);
        var recorder = new EventRecorder();
        memory.Space.Insert(recorder);
        Assert.Equal(Errno.None, memory.Advise(address, Page, Advice.DontNeed));
        Assert.Equal(Errno.None, memory.Protect(address, 4 * Page, Protection.Read));
        Assert.Equal(Errno.None, memory.Map(address, Page, ReadWrite, MapFlags.Private | MapFlags.Fixed, out _));
        Assert.Equal(Errno.None, memory.Unmap(address, 4 * Page));
        recorder.Remove(TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                (InvalidationEvent.Clear, AddressRange.FromLength(address, Page)),
                (InvalidationEvent.ProtectionVma, range),
                (InvalidationEvent.Unmap, AddressRange.FromLength(address, Page)),
                (InvalidationEvent.Unmap, range),
            ],
            recorder.Events);
        Assert.Empty(memory.GetMappings());
    }

    [Fact]
    public void A_hole_in_a_file_is_announced_where_it_is_mapped()
    {
        using var memory = new OwnMemory();
        using MemoryFile file = memory.CreateFile(4 * Page);
        Assert.Equal(Errno.None, memory.Map(0, 2 * Page, ReadWrite, MapFlags.Shared, out ulong address, file, 2 * Page));
        var recorder = new EventRecorder();
        memory.Space.Insert(recorder);
        Assert.Equal(Errno.None, file.PunchHole(3 * Page, Page));
        recorder.Remove(TestContext.Current.CancellationToken);
        Assert.Equal([(InvalidationEvent.Clear, AddressRange.FromLength(address + Page, Page))], recorder.Events);
    }

    [Fact]
    public void Faults_answer_what_the_mapping_permits()
    {
        using var memory = new OwnMemory();
        ulong address = Map(memory, 1);
        Assert.Equal(Errno.None, memory.FaultIn(address, isWrite: true));
        Assert.Equal(Errno.None, memory.Protect(address, Page, Protection.Read));
        Assert.Equal(Errno.NotPermitted, memory.FaultIn(address, isWrite: true));
        Assert.Equal(Errno.None, memory.Protect(address, Page, Protection.None));
        Assert.Equal(Errno.BadAddress, memory.FaultIn(address, isWrite: false));
        Assert.Equal(Errno.BadAddress, memory.Store(address, [1]));
    }

    [Fact]
    public void A_write_fault_of_a_page_that_is_writable_announces_nothing()
    {
        using var memory = new OwnMemory();
        ulong address = Map(memory, 2);
        Assert.Equal(Errno.None, memory.FaultIn(address, isWrite: true));
        var recorder = new EventRecorder();
        memory.Space.Insert(recorder);
        Assert.Equal(Errno.None, memory.FaultIn(address, isWrite: true));
        Assert.Empty(recorder.Events);
        Assert.Equal(Errno.None, memory.FaultIn(address + Page, isWrite: true));
        Assert.Equal([(InvalidationEvent.Clear, AddressRange.FromLength(address + Page, Page))], recorder.Events);
        recorder.Remove(TestContext.Current.CancellationToken);
    }

    private static ulong Map(OwnMemory memory, ulong pages)
    {
        Assert.Equal(Errno.None, memory.Map(0, pages * Page, ReadWrite, MapFlags.Private, out ulong address));
        return address;
    }
}
