
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
}
