namespace MmuNotifier.Registration.Tests;

/// <summary>TryGet: hits alone.</summary>
public sealed class TryGettingTests : CacheTest
{
    [Fact]
    public void It_finds_what_is_kept_also_inside_of_a_longer_range()
    {
        RegistrationCache<Pin> cache = Make();
        Pin pin = GetAndPut(cache, Pages(1, 16));
        Assert.Same(pin, TryGetAndPut(cache, Pages(1, 16)));
        Assert.Same(pin, TryGetAndPut(cache, Pages(1, 2)));
        Assert.Same(pin, TryGetAndPut(cache, Pages(5, 2)));
        Assert.Equal((3L, 1L), (cache.Metrics.Hits, cache.Metrics.Misses));
    }

    [Fact]
    public void What_is_not_kept_is_not_registered_nor_counted_as_a_miss()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 2));
        Assert.Null(TryGetAndPut(cache, Pages(8, 1)));
        Assert.Null(TryGetAndPut(cache, Pages(1, 3)));
        Assert.False(cache.TryGet(Pages(8, 1), out RegistrationLease<Pin> lease));
        Assert.False(lease.IsCached);
        Assert.Equal((1, 1L), (Provider.All.Count, cache.Metrics.Misses));
    }

    [Fact]
    public void A_change_is_reported_first_and_what_it_took_out_is_not_found()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 1));
        Pin other = GetAndPut(cache, Pages(3, 1));
        Watch.Announce(Pages(1, 1));
        Assert.Null(TryGetAndPut(cache, Pages(1, 1)));
        Assert.Same(other, TryGetAndPut(cache, Pages(3, 1)));
    }

    [Fact]
    public void Watch_whose_stamp_always_changes_is_caught_up_with()
    {
        Watch.SaysUnchanged = false;
        RegistrationCache<Pin> cache = Make();
        Pin pin = GetAndPut(cache, Pages(1, 4));
        Assert.Same(pin, TryGetAndPut(cache, Pages(1, 4)));
        Assert.Same(pin, TryGetAndPut(cache, Pages(2, 1)));
    }

    [Fact]
    public void It_calls_no_provider_for_a_rest_that_a_hole_left()
    {
        UseSplitting().OnSplit = _ =>
        {
            Assert.Equal("MmuNotifier registrations", Thread.CurrentThread.Name);
            return true;
        };
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        Watch.Report(Pages(20, 1));
        AwaitThat(() => TryGetAndPut(cache, Pages(24, 1)) is not null); // The cache's thread splits.
    }

    [Fact]
    public void It_leaves_the_release_of_what_is_not_intact_to_the_caches_thread()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { VerifyOnHit = true });
        Pin pin = GetAndPut(cache, Pages(1, 1));
        string? releasedBy = null;
        Provider.OnRelease = _ => Volatile.Write(ref releasedBy, Thread.CurrentThread.Name);
        Watch.Intact = _ => false;
        Assert.Null(TryGetAndPut(cache, Pages(1, 1)));
        AwaitThat(() => Volatile.Read(ref releasedBy) is not null);
        Assert.Equal("MmuNotifier registrations", releasedBy);
        Assert.True(pin.IsReleased);
        Assert.Equal(1, cache.Metrics.GetRetirementCount(RetirementReason.NotIntact));
    }

    [Fact]
    public void Nothing_is_found_after_the_watch_has_failed()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 1));
        Watch.Failure = "the reader died";
        Assert.Null(TryGetAndPut(cache, Pages(1, 1)));
        Assert.Equal(1, cache.Metrics.WatchFailures);
    }

    [Fact]
    public void It_is_refused_after_Dispose()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 1));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.TryGet(Pages(1, 1), out _));
    }

    [Fact]
    public void Hit_allocates_nothing()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 16));
        Assert.Equal(0, AllocatedBy(cache, Pages(1, 16)));
        Assert.Equal(0, AllocatedBy(cache, Pages(2, 3)));
        Watch.SaysUnchanged = false;
        Assert.Equal(0, AllocatedBy(cache, Pages(1, 16)));
    }

    private static Pin? TryGetAndPut(RegistrationCache<Pin> cache, AddressRange range)
    {
        if (!cache.TryGet(range, out RegistrationLease<Pin> lease))
            return null;
        using (lease)
        {
            Assert.True(lease.IsCached && lease.Range.Contains(range));
            Assert.False(lease.Registration.IsReleased);
            return lease.Registration;
        }
    }

    private static long AllocatedBy(RegistrationCache<Pin> cache, AddressRange range)
    {
        TryGetAndPutQuickly(cache, range);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            TryGetAndPutQuickly(cache, range);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void TryGetAndPutQuickly(RegistrationCache<Pin> cache, AddressRange range)
    {
        Assert.True(cache.TryGet(range, out RegistrationLease<Pin> lease));
        lease.Dispose();
    }
}
