
namespace MmuNotifier.Hmm.Drivers.Tests;

public sealed class OnDemandPagingDriverTests : DriverTest
{
    [Fact]
    public void A_fixed_registration_outlives_the_mapping_and_reaches_nothing_else()
    {
        using OnDemandPagingDriver driver = OnDemandPagingDriver.RegisterFixed(Memory, PageRange(0, 3));
        Assert.Equal(Errno.BadAddress, Read(driver, 4, out _));
        Unmap(0, 4);
        Assert.Equal(Errno.BadAddress, Read(driver, 0, out _));
        Assert.Equal(
            Errno.None,
            Memory.Map(Page(0), MirroredMemory.PageBytes, Protection.Read | Protection.Write, MapFlags.Private | MapFlags.Fixed, out _));
        Assert.Equal(Errno.None, Read(driver, 0, out ulong value));
        Assert.Equal(0UL, value);
    }

    [Fact]
    public void A_child_that_loses_its_last_entry_is_removed_from_inside_the_callback()
    {
        using OnDemandPagingDriver driver = OnDemandPagingDriver.RegisterImplicit(Memory);
        Assert.Equal(Errno.None, Write(driver, 0, 1));
        Assert.Equal(Errno.None, Write(driver, 1, 2));
        Assert.InRange(driver.ChildCount, 1, 2);
        Unmap(0, 2);
        Assert.Equal(0, driver.ChildCount);
        Assert.Equal(Errno.None, Write(driver, 2, 3));
        Assert.Equal(1, driver.ChildCount);
    }
}
