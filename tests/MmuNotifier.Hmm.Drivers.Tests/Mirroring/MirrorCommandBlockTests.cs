using System.Runtime.InteropServices;
using MmuNotifier.Hmm.Drivers.Mirroring;

namespace MmuNotifier.Hmm.Drivers.Tests.Mirroring;

public class MirrorCommandBlockTests
{
    [Theory]
    [InlineData(0x1000, 1, 0x1fff)]
    [InlineData(0, 3, 0x2fff)]
    [InlineData(0xffff_ffff_ffff_e000, 1, 0xffff_ffff_ffff_efff)]
    public void Whole_pages_are_a_range(ulong address, ulong pages, ulong last)
    {
        Assert.True(new MirrorCommandBlock { Address = address, Pages = pages }.TryGetRange(out AddressRange range));
        Assert.Equal(new AddressRange(address, last), range);
    }

    [Theory]
    [InlineData(0x1000, 0)]
    [InlineData(0x1001, 1)]
    [InlineData(0xffff_ffff_ffff_f000, 2)]
    [InlineData(0x1000, 1UL << 52)]
    [InlineData(0x1000, ulong.MaxValue)]
    public void Anything_else_is_none(ulong address, ulong pages) =>
        Assert.False(new MirrorCommandBlock { Address = address, Pages = pages }.TryGetRange(out _));

    [Fact]
    public void It_is_laid_out_as_the_kernels()
    {
        Assert.Equal(40, Marshal.SizeOf<MirrorCommandBlock>());
        Assert.Equal(0, (int)Marshal.OffsetOf<MirrorCommandBlock>("<Address>k__BackingField"));
        Assert.Equal(8, (int)Marshal.OffsetOf<MirrorCommandBlock>("<UserAddress>k__BackingField"));
        Assert.Equal(16, (int)Marshal.OffsetOf<MirrorCommandBlock>("<Pages>k__BackingField"));
        Assert.Equal(24, (int)Marshal.OffsetOf<MirrorCommandBlock>("<PagesDone>k__BackingField"));
        Assert.Equal(32, (int)Marshal.OffsetOf<MirrorCommandBlock>("<Faults>k__BackingField"));
    }
}
