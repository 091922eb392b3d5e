using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>The meter of a watch.</summary>
[Collection(WatchGroup.Name)]
public sealed class WatchMetricsTests
{
    [Fact]
    public void Changes_are_counted_by_kind_and_what_did_not_happen_is_not_sent()
    {
        using var meters = new TestMeters();
        meters.Listen();
        using var watched = new Watched(new LinuxMemoryWatchOptions { MeterFactory = meters });
        ulong address = watched.Map(4);
        Unmap(address, Page);
        watched.Watch.CatchUp();
        meters.Poll();
        Assert.Equal([1], meters.Of("mmunotifier.watch.changes unmap"));
        Assert.Empty(meters.Of("mmunotifier.watch.changes remap"));
        Assert.Empty(meters.Of("mmunotifier.watch.failures"));
        Assert.Equal([1], meters.Of("mmunotifier.watch.ranges"));
        Assert.NotEmpty(meters.Of("mmunotifier.watch.catch_up.duration"));
    }

    [Fact]
    public void A_watch_that_has_ended_is_silent_although_the_meter_of_the_factory_lives_on()
    {
        using var meters = new TestMeters();
        meters.Listen();
        var watched = new Watched(new LinuxMemoryWatchOptions { MeterFactory = meters });
        watched.Map(1);
        watched.Dispose();
        meters.Poll();
        Assert.Empty(meters.Of("mmunotifier.watch.ranges"));
    }

    [Fact]
    public void A_listener_that_throws_keeps_nothing_from_being_reported()
    {
        using var meters = new TestMeters { OnMeasurement = () => throw new InvalidDataException() };
        meters.Listen();
        using var watched = new Watched(new LinuxMemoryWatchOptions { MeterFactory = meters });
        ulong address = watched.Map(1);
        Unmap(address, Page);
        Assert.NotEmpty(watched.ReportsOn(Pages(address, 1)));
    }
}
