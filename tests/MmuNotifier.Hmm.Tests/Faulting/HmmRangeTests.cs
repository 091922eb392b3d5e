using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Tests.Faulting;

public sealed class HmmRangeTests : IDisposable
{
    private const ulong PageBytes = MirroredMemory.PageBytes;

    private readonly SimulatedMemory _memory = new();

    public void Dispose() => _memory.Dispose();

    [Theory]
    [InlineData(Protection.Read | Protection.Write, Errno.None)]
    [InlineData(Protection.Read, Errno.NotPermitted)]
    [InlineData(Protection.None, Errno.BadAddress)]
    public void A_write_fault_needs_a_mapping_that_permits_it(Protection protection, Errno expected)
    {
        AddressRange range = Map(protection);
        var entries = new HmmEntry[2];
        Errno error = Fault(range, entries);
        Assert.Equal(expected, error);
        if (error == Errno.None)
            Assert.All(entries, entry => Assert.True(entry.IsValid && entry.IsWritable));
    }

    [Fact]
    public void A_snapshot_faults_nothing_in()
    {
        AddressRange range = Map(Protection.Read | Protection.Write);
        var entries = new HmmEntry[2];
        IntervalNotifier notifier = Insert(range);
        Assert.Equal(Errno.None, HmmRange.Snapshot(_memory, notifier.ReadBegin(), range, entries, this));
        Assert.All(entries, entry => Assert.False(entry.IsValid || entry.IsError));
        notifier.Remove();
    }

    [Fact]
    public void A_collision_since_the_section_began_is_busy()
    {
        AddressRange range = Map(Protection.Read | Protection.Write);
        IntervalNotifier notifier = Insert(range);
        ReadSection section = notifier.ReadBegin();
        Assert.Equal(Errno.None, _memory.Protect(range.Start, 2 * PageBytes, Protection.Read));
        Assert.Equal(
            Errno.Busy, HmmRange.Fault(_memory, section, range, new HmmEntry[2], HmmRequest.Fault, HmmRequest.None, this));
        notifier.Remove();
    }

    [Fact]
    public void A_page_that_can_never_be_had_is_busy_in_the_end()
    {
        AddressRange range = Map(Protection.Read | Protection.Write);
        using var memory = new FaultingMemory(_memory, static _ => Errno.Again);
        IntervalNotifier notifier = Insert(range);
        Assert.Equal(
            Errno.Busy, HmmRange.Fault(memory, notifier.ReadBegin(), range, new HmmEntry[2], HmmRequest.Fault, HmmRequest.None, this));
        notifier.Remove();
    }

    private AddressRange Map(Protection protection)
    {
        Assert.Equal(Errno.None, _memory.Map(0, 2 * PageBytes, protection, MapFlags.Private, out ulong address));
        return AddressRange.FromLength(address, 2 * PageBytes);
    }

    private IntervalNotifier Insert(AddressRange range) => _memory.Space.Insert(range, static (in Invalidation _) => InvalidateResult.Done);

    private Errno Fault(AddressRange range, HmmEntry[] entries)
    {
        IntervalNotifier notifier = Insert(range);
        Errno error = HmmRange.Fault(
            _memory, notifier.ReadBegin(), range, entries, HmmRequest.Fault | HmmRequest.Write, HmmRequest.None, this);
        notifier.Remove();
        return error;
    }
}
