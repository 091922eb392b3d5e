namespace MmuNotifier.Registration.Tests;

public sealed class DisposingTests : CacheTest
{
    [Fact]
    public void Everything_is_released_and_get_is_refused()
    {
        RegistrationCache<Pin> cache = Make();
        Pin pin = GetAndPut(cache, Pages(1, 1));
        cache.Dispose();
        cache.Dispose();
        Assert.True(pin.IsReleased);
        Assert.Throws<ObjectDisposedException>(() => cache.Get(Pages(1, 1)));
        Assert.Equal((0, 0, 0L), (cache.Count, cache.Clear(), cache.RegisteredBytes));
    }

    [Fact]
    public void It_waits_for_leases()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        Watch.Changes = _ => true;
        RegistrationLease<Pin> uncached = cache.Get(Pages(2, 1));
        using var begun = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            begun.Set();
            cache.Dispose();
            Assert.True(lease.Registration.IsReleased && uncached.Registration.IsReleased);
        });
        thread.Start();
        Assert.True(begun.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        AwaitThat(() => !lease.IsValid);
        lease.Dispose();
        uncached.Dispose();
        Assert.True(thread.Join(Patience.Limit));
    }

    [Fact]
    public void It_gives_up_and_the_lease_releases_when_it_ends()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { DrainTimeout = TimeSpan.Zero });
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        cache.Dispose();
        Assert.False(lease.Registration.IsReleased);
        lease.Dispose();
        AwaitThat(() => lease.Registration.IsReleased);
    }

    [Fact]
    public void Dispose_while_it_is_registered_keeps_it_from_being_kept()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { DrainTimeout = TimeSpan.Zero });
        Provider.OnRegister = _ => cache.Dispose();
        Assert.True(GetAndPut(cache, Pages(1, 1)).IsReleased);
    }
}
