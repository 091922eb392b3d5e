
namespace MmuNotifier.Hmm.Drivers.Tests;

public sealed class UserPointerDriverTests : DriverTest
{
    [Fact]
    public void An_invalidation_waits_for_the_jobs_that_run()
    {
        using var driver = new UserPointerDriver(Memory, Range);
        Task? drop = null;
        bool wasOverDuringJob = false;
        driver.JobStarted = () =>
        {
            driver.JobStarted = null;
            drop = Task.Run(() => Memory.Advise(Page(0), MirroredMemory.PageBytes, Advice.DontNeed), TestContext.Current.CancellationToken);
            wasOverDuringJob = drop.Wait(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        };
        Assert.Equal(Errno.None, Write(driver, 0, 1));
        Assert.False(wasOverDuringJob);
        Assert.True(drop!.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(0UL, Load(0));
        Assert.Equal(0, Memory.Machine.StaleFrameAccesses);
    }
}
