
namespace MmuNotifier.Hmm.Drivers.Tests;

public sealed class LargeNotifierDriverTests : DriverTest
{
    [Fact]
    public void Unmap_hands_ranges_to_the_collector_which_runs_at_the_next_fault()
    {
        using var driver = new LargeNotifierDriver(Memory);
        Assert.Equal(Errno.None, Write(driver, 0, 1));
        Assert.Equal(1, driver.NotifierCount);
        Assert.Equal(0, driver.GarbageCount);
        Unmap(0, 1);
        Assert.InRange(driver.GarbageCount, 1, 1);
        Assert.Equal(Errno.BadAddress, Read(driver, 0, out _));
        Assert.Equal(0, driver.GarbageCount);
        Assert.Equal(0, driver.NotifierCount);
    }
}
