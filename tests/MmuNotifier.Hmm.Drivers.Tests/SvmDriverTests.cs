
namespace MmuNotifier.Hmm.Drivers.Tests;

public sealed class SvmDriverTests : DriverTest
{
    [Fact]
    public void The_first_fault_makes_the_notifier_of_the_mapping_and_unmap_cuts_it()
    {
        using var driver = new SvmDriver(Memory);
        Assert.Empty(driver.GetNotifierRanges());
        Assert.Equal(Errno.None, Write(driver, 5, 1));
        Assert.Equal([Range], driver.GetNotifierRanges());
        Unmap(4, 1);
        Assert.Equal([PageRange(0, 3), PageRange(5, 9)], driver.GetNotifierRanges());
        Unmap(0, 1);
        Assert.Equal([PageRange(1, 3), PageRange(5, 9)], driver.GetNotifierRanges());
        Unmap(9, 1);
        Assert.Equal([PageRange(1, 3), PageRange(5, 8)], driver.GetNotifierRanges());
        Unmap(0, 5);
        Assert.Equal([PageRange(5, 8)], driver.GetNotifierRanges());
        Assert.Equal(Errno.None, Read(driver, 5, out ulong value));
        Assert.Equal(1UL, value);
    }
}
