
namespace MmuNotifier.Hmm.Drivers.Tests;

public sealed class GuestMemoryDriverTests : DriverTest
{
    [Fact]
    public void A_fault_in_a_range_in_progress_is_begun_again_until_the_end()
    {
        using var driver = new GuestMemoryDriver(Memory);
        Store(0, 1);
        InvalidationScope scope = Memory.Space.StartInvalidation(PageRange(0, 0), InvalidationEvent.Clear);
        Assert.Equal(Errno.None, Read(driver, 5, out _));
        Task<Errno> read = Task.Run(() => Read(driver, 0, out _), TestContext.Current.CancellationToken);
        Assert.False(read.Wait(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
        scope.Dispose();
        Assert.True(read.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(Errno.None, read.GetAwaiter().GetResult());
    }

    [Fact]
    public void Memory_in_several_slots_is_one_and_leaves_all_of_them_at_once()
    {
        using var driver = new GuestMemoryDriver(Memory);
        const ulong low = 16 * MirroredMemory.PageBytes;
        const ulong high = 64 * MirroredMemory.PageBytes;
        driver.AddSlot(low, PageRange(0, 3));
        driver.AddSlot(high, PageRange(2, 5));
        Assert.Equal(Errno.BadAddress, driver.Read(Page(0), new byte[1]));
        Assert.Equal(Errno.None, driver.Write(low + (2 * MirroredMemory.PageBytes), [7]));
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, driver.Read(high, read));
        Assert.Equal(7, read[0]);
        Assert.True(Memory.Space.TestYoung(PageRange(2, 2)));
        Unmap(2, 1);
        Assert.False(Memory.Space.TestYoung(PageRange(2, 2)));
        Assert.Equal(Errno.BadAddress, driver.Read(high, read));
        Assert.Equal(Errno.BadAddress, driver.Read(low + (2 * MirroredMemory.PageBytes), read));
        Assert.Equal(0, Memory.Machine.StaleFrameAccesses);
    }

    /// <remarks>Page 17 of the guest lies between what the invalidation is about in one slot and in the other.</remarks>
    [Theory]
    [InlineData(15, true)]
    [InlineData(17, false)]
    [InlineData(18, false)]
    [InlineData(19, true)]
    public void The_ranges_of_one_invalidation_in_several_slots_are_united(int guestPage, bool goesOn)
    {
        using var driver = new GuestMemoryDriver(Memory);
        driver.AddSlot(15 * MirroredMemory.PageBytes, PageRange(0, 2));
        driver.AddSlot(18 * MirroredMemory.PageBytes, PageRange(1, 2));
        Store(0, 1);
        InvalidationScope scope = Memory.Space.StartInvalidation(PageRange(1, 1), InvalidationEvent.Clear);
        Task<Errno> read = Task.Run(
            () => driver.Read((ulong)guestPage * MirroredMemory.PageBytes, new byte[1]), TestContext.Current.CancellationToken);
        Assert.Equal(goesOn, read.Wait(goesOn ? Patience.Limit : TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
        scope.Dispose();
        Assert.True(read.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(Errno.None, read.GetAwaiter().GetResult());
    }

    [Fact]
    public void Pages_that_the_guest_has_accessed_are_young_until_that_is_cleared_or_they_are_invalidated()
    {
        using var driver = new GuestMemoryDriver(Memory);
        Assert.False(Memory.Space.TestYoung(Range));
        Read(driver, 3, out _);
        Write(driver, 7, 1);
        Assert.True(Memory.Space.TestYoung(PageRange(3, 3)) && Memory.Space.TestYoung(Range));
        Assert.False(Memory.Space.TestYoung(PageRange(4, 6)));
        Assert.True(Memory.Space.ClearYoung(PageRange(0, 3)));
        Assert.False(Memory.Space.ClearYoung(PageRange(0, 3)));
        Assert.True(Memory.Space.TestYoung(AddressRange.Whole));
        Unmap(7, 1);
        Assert.False(Memory.Space.ClearYoung(AddressRange.Whole));
        Read(driver, 3, out _);
        Assert.True(Memory.Space.TestYoung(PageRange(3, 3)));
    }
}
