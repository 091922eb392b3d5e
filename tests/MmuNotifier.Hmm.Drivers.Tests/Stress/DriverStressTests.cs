using MmuNotifier.Hmm.Drivers.Stress;
using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Drivers.Tests.Stress;

public sealed class DriverStressTests
{
    public static TheoryData<string> Names => [.. ReferenceDrivers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_access_of_a_reference_driver_is_wrong(string name)
    {
        using var memory = new SimulatedMemory();
        StressResult result = DriverStress.Run(
            memory, (space, range) =>
                ReferenceDrivers.Attach(name, space, range), new StressOptions { Seed = 7, Threads = 4, Operations = 20_000 });
        Assert.Null(result.Failure);
        Assert.Equal(0, memory.Machine.StaleFrameAccesses);
        Assert.True(result.DeviceAccesses > 5000, $"only {result.DeviceAccesses} device accesses were done");
        Assert.True(
            result.DeviceRefusals < result.DeviceAccesses / 2,
            $"{result.DeviceRefusals} device accesses were refused, {result.DeviceAccesses} done");
        Assert.True(result.MigratedPages > 100, $"only {result.MigratedPages} pages migrated");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_driver_that_keeps_frames_without_a_notifier_is_caught(int threads)
    {
        using var memory = new SimulatedMemory();
        StressResult result = DriverStress.Run(
            memory, (space, _) => new StaleDriver(space), new StressOptions { Seed = 3, Threads = threads, Operations = 20_000 });
        Assert.NotNull(result.Failure);
        Assert.Contains("Its last events", result.Failure, StringComparison.Ordinal);
        Assert.True(result.Operations < 20_000);
    }

    [Fact]
    public void A_run_that_is_cancelled_ends_before_its_limits()
    {
        using var cancellation = new CancellationTokenSource();
        using var memory = new SimulatedMemory();
        StressResult result = DriverStress.Run(
            memory,
            (space, range) =>
            {
                cancellation.Cancel();
                return ReferenceDrivers.Attach("svm", space, range);
            },
            new StressOptions { Threads = 1, Duration = TimeSpan.FromDays(1) },
            cancellation.Token);
        Assert.Null(result.Failure);
        Assert.Equal(0, result.Changes);
    }
}
