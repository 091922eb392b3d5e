using MmuNotifier.Hmm;

namespace MmuNotifier.MemoryContract;

/// <summary>Children.</summary>
public abstract class SharingContract : ContractTests
{
    protected SharingContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges) => Need(MemoryFeature.Fork);

    [Fact]
    public void Private_memory_is_copied_on_write_both_ways()
    {
        ulong at = Memory.MapPages(2);
        Memory.Write(at, 1);
        Memory.Write(at + Page, 2);
        ForgetEvents();
        using VirtualMemory child = Memory.Fork();
        ExpectEvents(at, "ProtectionPage 0+2");
        Assert.False(Memory.PageOf(at).IsWritable);
        Memory.Write(at, 3);
        ExpectEvents(at, "Clear 0+1");
        var ofChild = new EventRecorder(child.Space);
        child.Write(at + Page, 4);
        Assert.Equal(["Clear 1+1"], ofChild.Take(at));

        // Who writes last has the page alone: no copy.
        child.Write(at, 5);
        Assert.Empty(ofChild.Take(at));
        Assert.Equal([3, 2], [Memory.Read(at), Memory.Read(at + Page)]);
        Assert.Equal([5, 4], [child.Read(at), child.Read(at + Page)]);
    }

    [Fact]
    public void Mappings_of_the_child_are_its_own()
    {
        Memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        Assert.Equal(Errno.None, Memory.Advise(At + Page, Page, Advice.DontFork));
        using VirtualMemory child = Memory.Fork();
        Assert.Equal(["0+1 Read, Write", "2+2 Read, Write"], child.Layout(At));
        Assert.Equal(Errno.BadAddress, child.Write(At + Page, 1));
        Assert.Equal(Errno.None, child.Protect(At, Page, Protection.Read));
        Assert.Equal(Errno.NotPermitted, child.FaultIn(At, isWrite: true));
        Assert.Equal(Errno.None, Memory.FaultIn(At, isWrite: true));
        Assert.Equal(Errno.None, child.Unmap(At, 4 * Page));
        Assert.Empty(child.GetMappings());
        Assert.Equal(
            4UL, Memory.GetMappings().Aggregate(0UL, (sum, mapping) => sum + ((mapping.Range.Last - mapping.Range.Start + 1) / Page)));
    }

    [Fact]
    public void Files_made_before_and_after_can_be_mapped_by_parent_and_child()
    {
        using MemoryFile before = Memory.CreateFile(Page);
        using VirtualMemory child = Memory.Fork();
        using MemoryFile after = child.CreateFile(Page);
        foreach (MemoryFile file in (MemoryFile[])[before, after])
        {
            ulong ofChild = child.MapPages(1, MapFlags.Shared, file: file);
            ulong own = Memory.MapPages(1, MapFlags.Shared, file: file);
            child.Write(ofChild, 9);
            Assert.Equal(9, Memory.Read(own));
        }
    }

    [Fact]
    public void A_truncation_is_announced_in_parent_and_child()
    {
        using MemoryFile file = Memory.CreateFile(2 * Page);
        ulong at = Memory.MapPages(2, MapFlags.Shared, file: file);
        Memory.Write(at + Page, 1);
        using VirtualMemory child = Memory.Fork();
        Assert.Equal(1, child.Read(at + Page));
        ForgetEvents();
        var ofChild = new EventRecorder(child.Space);
        Assert.Equal(Errno.None, file.Truncate(Page));
        ExpectEvents(at, "Clear 1+1");
        Assert.Equal(["Clear 1+1"], ofChild.Take(at));
        Assert.Equal(Errno.BadAddress, child.TryRead(at + Page));
    }

    [Fact]
    public void A_child_of_a_child_outlives_both()
    {
        ulong at = Memory.MapPages(1);
        Memory.Write(at, 1);
        VirtualMemory child = Memory.Fork();
        child.Write(at, 2);
        using VirtualMemory grandchild = child.Fork();
        child.Write(at, 3);
        child.Dispose();
        Memory.Dispose();
        Assert.Equal(2, grandchild.Read(at));
        grandchild.Write(at, 4);
        using VirtualMemory last = grandchild.Fork();
        Assert.Equal(4, last.Read(at));
    }
}
