using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

public class DirectBuffersTests
{
    [Fact]
    public void Registered_buffers_are_read_on_the_page_grid_and_empty_slots_passed_over()
    {
        List<AddressRange> buffers = [];
        DirectBuffers.Parse(
            "UserFiles:\t0\nUserBufs:\t3\n    0: 0x7f4f71960000/65536\n    1: <none>\n    2: 0x1ff0/32\nPollList:\n", buffers);

        Assert.Equal([new AddressRange(0x7f4f71960000, 0x7f4f7196ffff), new AddressRange(0x1000, 0x2fff)], buffers);
    }

    [Fact]
    public void A_ring_that_is_mapped_and_has_no_descriptor_is_hidden()
    {
        DirectBuffers buffers = new(() => Environment.ProcessId);
        buffers.LookAtDescriptors();

        Assert.False(buffers.HasHiddenRing([]));
        Assert.False(buffers.HasHiddenRing([Mapping(offset: 0)]));
        Assert.True(buffers.HasHiddenRing([Mapping(offset: 0), Mapping(offset: 0x10000000)]));
    }

    private static ProcessMapping Mapping(ulong offset) => new(
        0x1000, 0x1fff, MappingProtection.Read | MappingProtection.Write, Shared: true, MappingKind.Device, offset, 0, 1,
            "anon_inode:[io_uring]");
}
