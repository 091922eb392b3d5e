using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Memory;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxMemoryTests
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    [Fact]
    public void A_write_fault_of_a_page_that_is_writable_announces_nothing()
    {
        using var memory = new LinuxMemory();
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

    private static ulong Map(LinuxMemory memory, ulong pages)
    {
        Assert.Equal(Errno.None, memory.Map(0, pages * Page, ReadWrite, MapFlags.Private, out ulong address));
        return address;
    }
}
