using MmuNotifier.Hmm.Drivers.Mirroring;
using MmuNotifier.Hmm.Drivers.SelfTests;
using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Drivers.Tests.Mirroring;

public sealed class MirrorDeviceErrorTests : IDisposable
{
    private readonly SelfTestBench _bench = new(new SimulatedMemory(), firstDevice: 0, devices: 1);

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, ulong.MaxValue)]
    public void A_range_that_is_none_is_invalid(ulong offset, ulong pages)
    {
        ulong address = _bench.Map();
        var request = new MirrorCommandBlock { Address = address + offset, Pages = pages, PagesDone = 7, Faults = 8 };
        Errno error = _bench.Device0.Execute(MirrorCommand.Read, ref request, new ArrayUserMemory([]));
        Assert.Equal(Errno.InvalidArgument, error);
        Assert.Equal((7UL, 8UL), (request.PagesDone, request.Faults));
    }

    [Theory]
    [InlineData(MirrorCommand.Read, Errno.BadAddress)]
    [InlineData(MirrorCommand.Write, Errno.BadAddress)]
    [InlineData(MirrorCommand.Exclusive, Errno.Busy)]
    [InlineData(MirrorCommand.MigrateToDevice, Errno.InvalidArgument)]
    [InlineData(MirrorCommand.MigrateToSystem, Errno.None)]
    [InlineData(MirrorCommand.CheckExclusive, Errno.None)]
    [InlineData((MirrorCommand)99, Errno.InvalidArgument)]
    public void Where_nothing_is_mapped(MirrorCommand kind, Errno expected) =>
        Assert.Equal(expected, _bench.Command(kind, 0x7000_0000_0000, 1).Error);

    [Fact]
    public void A_pointer_beyond_the_programs_memory_is_a_bad_address()
    {
        ulong address = _bench.Map();
        Assert.Equal(Errno.BadAddress, _bench.Command(MirrorCommand.Read, address, 2, new byte[4096]).Error);
        Assert.Equal(Errno.BadAddress, _bench.Command(MirrorCommand.Write, address, 2, new byte[4096]).Error);
    }

    [Fact]
    public void A_page_taken_exclusively_is_not_permitted_by_the_check_until_the_CPU_touches_it()
    {
        ulong address = _bench.Map();
        Assert.Equal(Errno.None, _bench.Command(MirrorCommand.Exclusive, address, 1).Error);
        Assert.Equal(Errno.NotPermitted, _bench.Command(MirrorCommand.CheckExclusive, address, 1).Error);
        Assert.Equal(Errno.None, _bench.Memory.Load(address, new byte[1]));
        Assert.Equal(Errno.None, _bench.Command(MirrorCommand.CheckExclusive, address, 1).Error);
    }

    [Fact]
    public void A_snapshot_tells_of_holes_zeros_reads_and_writes()
    {
        ulong address = _bench.Map();
        Assert.Equal(Errno.None, _bench.Memory.Load(address + 4096, new byte[1]));
        Assert.Equal(Errno.None, _bench.Memory.Store(address + 8192, [1]));
        Assert.Equal([0x00, 0x11, 0x02], _bench.Snapshot(address, 3));
    }
}
