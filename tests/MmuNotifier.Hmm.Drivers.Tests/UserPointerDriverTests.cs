
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

    /// <remarks>A job ends when all devices have been asked: if one were waited for before, none would.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void All_devices_are_asked_to_end_their_jobs_before_one_is_waited_for(int devices)
    {
        using var started = new CountdownEvent(devices);
        using var asked = new CountdownEvent(devices);
        UserPointerDriver[] drivers = [.. Enumerable.Range(0, devices).Select(_ => new UserPointerDriver(Memory, Range)
        {
            JobStarted = () =>
            {
                started.Signal();
                Assert.True(asked.Wait(Patience.Limit));
            },
            EndAsked = () => asked.Signal(),
        })];
        Task<Errno>[] jobs = [.. drivers.Select(driver => Task.Factory.StartNew(
            () => Write(driver, 0, 1), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Assert.True(started.Wait(Patience.Limit, TestContext.Current.CancellationToken));

        Memory.Space.Invalidate(Range, InvalidationEvent.Clear);

        Assert.True(asked.IsSet);
        Assert.True(Task.WaitAll(jobs, Patience.Limit));
        Assert.All(jobs, job => Assert.Equal(Errno.None, job.Result));
        foreach (UserPointerDriver driver in drivers)
            driver.Dispose();
    }

    /// <remarks>A job runs; an invalidation has had its first pass, and the next notifier's callback makes another one.</remarks>
    [Fact]
    public void An_invalidation_inside_one_that_is_between_its_passes_waits_in_its_first()
    {
        using var driver = new UserPointerDriver(Memory, Range);
        Task? end = null;
        using var started = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        driver.JobStarted = () =>
        {
            started.Set();
            mayEnd.Wait(TestContext.Current.CancellationToken);
        };
        Task<Errno> job = Task.Run(() => Write(driver, 0, 1), TestContext.Current.CancellationToken);
        Assert.True(started.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        bool isInside = false;
        var passes = new List<string>();
        IntervalNotifier next = Memory.Space.Insert(new AddressRange(Page(1), Range.Last), (in Invalidation _) =>
        {
            if (isInside)
                return InvalidateResult.Done;
            isInside = true;
            passes.Add($"outer: {driver.HasSecondPass}");
            end = Task.Run(mayEnd.Set, TestContext.Current.CancellationToken);
            Memory.Space.Invalidate(Range, InvalidationEvent.Clear); // Its callback finds the second pass in use.
            passes.Add($"inner: {driver.HasSecondPass}");
            return InvalidateResult.Done;
        });
        Memory.Space.Invalidate(Range, InvalidationEvent.Clear);
        Assert.Equal(["outer: True", "inner: True"], passes);
        Assert.False(driver.HasSecondPass);
        Assert.True(Task.WaitAll([job, end!], Patience.Limit));
        next.Remove();
    }
}
