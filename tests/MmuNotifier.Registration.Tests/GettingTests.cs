namespace MmuNotifier.Registration.Tests;

public sealed class GettingTests : CacheTest
{
    [Fact]
    public void Second_get_is_a_hit()
    {
        RegistrationCache<Pin> cache = Make();
        using RegistrationLease<Pin> first = cache.Get(Pages(1, 16));
        using RegistrationLease<Pin> second = cache.Get(Pages(1, 16));
        Assert.Same(first.Registration, second.Registration);
        Assert.True(first.IsCached && second.IsCached && first.IsValid);
        Assert.Equal((1, 1L, 1L), (cache.Count, cache.Metrics.Hits, cache.Metrics.Misses));
        Assert.Equal(16 * (long)Page, cache.RegisteredBytes);
    }

    [Fact]
    public void Shorter_range_with_the_same_start_is_a_hit()
    {
        RegistrationCache<Pin> cache = Make();
        Assert.Same(GetAndPut(cache, Pages(1, 16)), GetAndPut(cache, Pages(1, 3)));
    }

    [Fact]
    public void Range_inside_is_a_hit_by_the_query_and_by_the_hint()
    {
        RegistrationCache<Pin> cache = Make();
        Pin pin = GetAndPut(cache, Pages(1, 16));
        for (int i = 0; i < 3; i++)
        {
            Assert.Same(pin, GetAndPut(cache, Pages(2, 3)));
            Assert.Same(pin, GetAndPut(cache, Pages(16, 1)));
        }

        Assert.Equal(1, cache.Metrics.Misses);
    }

    [Fact]
    public void Longer_range_with_the_same_start_takes_the_place()
    {
        RegistrationCache<Pin> cache = Make();
        Pin small = GetAndPut(cache, Pages(1, 2));
        Pin large = GetAndPut(cache, Pages(1, 4));
        Assert.NotSame(small, large);
        Assert.True(small.IsReleased);
        Assert.Same(large, GetAndPut(cache, Pages(1, 2)));
        Assert.Equal(1, cache.Metrics.GetRetirementCount(RetirementReason.Replaced));
    }

    [Fact]
    public void Overlapping_ranges_are_kept_side_by_side()
    {
        RegistrationCache<Pin> cache = Make();
        Pin left = GetAndPut(cache, Pages(1, 4));
        Pin right = GetAndPut(cache, Pages(3, 4));
        Assert.Same(left, GetAndPut(cache, Pages(1, 4)));
        Assert.Same(right, GetAndPut(cache, Pages(3, 4)));
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public void Many_ranges_are_found_again_after_the_table_has_grown()
    {
        RegistrationCache<Pin> cache = Make();
        Pin[] pins = [.. Enumerable.Range(0, 1000).Select(i => GetAndPut(cache, Pages((ulong)i * 32, 16)))];
        for (int i = 0; i < pins.Length; i++)
            Assert.Same(pins[i], GetAndPut(cache, Pages((ulong)i * 32, 16)));
        Assert.Equal(1000, cache.Count);
    }

    [Fact]
    public void Same_range_again_and_again_does_not_fill_the_table()
    {
        RegistrationCache<Pin> cache = Make();
        for (int i = 0; i < 500; i++)
        {
            GetAndPut(cache, Pages((ulong)i, 1));
            Watch.Report(Pages((ulong)i, 1));
        }

        Pin pin = GetAndPut(cache, Pages(7, 1));
        Assert.Same(pin, GetAndPut(cache, Pages(7, 1)));
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public void Exception_of_the_provider_comes_out_and_leaves_nothing()
    {
        RegistrationCache<Pin> cache = Make();
        Provider.OnRegister = _ => throw new InvalidOperationException("no memory");
        Assert.Equal("no memory", Assert.Throws<InvalidOperationException>(() => cache.Get(Pages(1, 1))).Message);
        Assert.Equal((0, 0L, 0), (cache.Count, cache.RegisteredBytes, Watch.Watched));
        Provider.All.Clear(); // It was never returned.
        Provider.OnRegister = null;
        Assert.Same(GetAndPut(cache, Pages(1, 1)), GetAndPut(cache, Pages(1, 1)));
    }

    [Fact]
    public void What_cannot_be_watched_is_not_kept()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Covers = _ => false;
        Pin pin;
        using (RegistrationLease<Pin> lease = cache.Get(Pages(1, 1)))
        {
            pin = lease.Registration;
            Assert.False(lease.IsCached || lease.IsValid || pin.IsReleased);
        }

        Assert.True(pin.IsReleased);
        Assert.NotSame(pin, GetAndPut(cache, Pages(1, 1)));
        Assert.Equal((0, 2L), (cache.Count, cache.Metrics.Uncached));
    }

    [Fact]
    public void What_is_registered_during_a_change_is_not_kept()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Changes = _ => true;
        Assert.True(GetAndPut(cache, Pages(1, 1)).IsReleased);
        Watch.Changes = _ => false;
        Assert.False(GetAndPut(cache, Pages(1, 1)).IsReleased);
    }

    [Fact]
    public void Change_that_begins_while_it_is_registered_makes_it_register_anew()
    {
        RegistrationCache<Pin> cache = Make();
        Provider.OnRegister = range =>
        {
            Provider.OnRegister = null;
            Watch.Report(range, InvalidationEvent.Clear);
        };
        using RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        Assert.True(lease.IsCached);
        Assert.Equal((2, 1), (lease.Registration.Number, Provider.Living));
        Assert.Equal(1, Watch.Watched);
    }

    [Fact]
    public void Change_that_begins_while_the_mappings_are_watched_makes_it_register_anew()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Covers = range =>
        {
            Watch.Covers = _ => true;
            Watch.Announce(range); // The mapping that was watched may have gone, and another be there.
            return true;
        };
        Assert.Equal(2, GetAndPut(cache, Pages(1, 1)).Number);
        Assert.Equal(1, Watch.Watched);
    }

    [Fact]
    public void Change_that_is_announced_while_it_is_registered_makes_it_register_anew()
    {
        RegistrationCache<Pin> cache = Make();
        Provider.OnRegister = range =>
        {
            Provider.OnRegister = null;
            Watch.Announce(range);
        };
        Assert.Equal(2, GetAndPut(cache, Pages(1, 1)).Number);
    }

    [Fact]
    public void Memory_that_changes_all_the_time_is_registered_so_often_and_not_kept()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxRegisterAttempts = 3 });
        Provider.OnRegister = range => Watch.Report(range, InvalidationEvent.Clear);
        Assert.Equal(3, GetAndPut(cache, Pages(1, 1)).Number);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Get_inside_of_an_invalidation_of_the_range_does_not_wait_and_is_not_kept()
    {
        RegistrationCache<Pin> cache = Make();
        using (Watch.Space.StartInvalidation(Pages(1, 1), InvalidationEvent.Clear))
            Assert.True(GetAndPut(cache, Pages(1, 1)).IsReleased);
        Assert.False(GetAndPut(cache, Pages(1, 1)).IsReleased);
    }

    [Fact]
    public void Announced_change_is_reported_before_a_hit()
    {
        RegistrationCache<Pin> cache = Make();
        Pin before = GetAndPut(cache, Pages(1, 1));
        Watch.Announce(Pages(1, 1));
        Assert.NotSame(before, GetAndPut(cache, Pages(1, 1)));
        AwaitThat(() => before.IsReleased);
    }

    [Fact]
    public void Watch_whose_stamp_always_changes_is_caught_up_with_at_each_get()
    {
        Watch.SaysUnchanged = false;
        RegistrationCache<Pin> cache = Make();
        Pin before = GetAndPut(cache, Pages(1, 1));
        Assert.Same(before, GetAndPut(cache, Pages(1, 1)));
        Watch.Announce(Pages(1, 1));
        Assert.NotSame(before, GetAndPut(cache, Pages(1, 1)));
    }

    [Fact]
    public void Change_elsewhere_leaves_a_hit_a_hit()
    {
        RegistrationCache<Pin> cache = Make();
        Pin before = GetAndPut(cache, Pages(1, 1));
        Watch.Announce(Pages(2, 1));
        Assert.Same(before, GetAndPut(cache, Pages(1, 1)));
    }

    [Fact]
    public void Hit_allocates_nothing()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 16));
        Assert.Equal(0, AllocatedByHits(cache, Pages(1, 16)));
        Assert.Equal(0, AllocatedByHits(cache, Pages(2, 3)));
        Assert.Equal(0, AllocatedByCovering(cache));
    }

    [Fact]
    public void Hit_that_has_to_catch_up_allocates_nothing()
    {
        Watch.SaysUnchanged = false;
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 16));
        Assert.Equal(0, AllocatedByHits(cache, Pages(1, 16)));
        Assert.Equal(0, AllocatedByHits(cache, Pages(2, 3)));
        Assert.Equal(0, AllocatedByCovering(cache));
        Assert.Equal(2, cache.Metrics.Misses);
    }

    [Fact]
    public void One_thread_may_hold_many_leases()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin>[] leases = [.. Enumerable.Range(0, 100).Select(_ => cache.Get(Pages(1, 1)))];
        Watch.Report(Pages(1, 1));
        Assert.All(leases, lease => Assert.False(lease.Registration.IsReleased));
        foreach (RegistrationLease<Pin> lease in leases)
        {
            Assert.False(lease.Registration.IsReleased);
            lease.Dispose();
        }

        AwaitThat(() => leases[0].Registration.IsReleased);
    }

    [Fact]
    public void Default_lease_says_so_and_is_harmless_to_dispose()
    {
        RegistrationLease<Pin> lease = default;
        Assert.False(lease.IsCached || lease.IsValid);
        Assert.Throws<InvalidOperationException>(() => lease.Registration);
        lease.Dispose();
    }

    [Fact]
    public void Lease_disposed_twice_ends_only_its_own_hold()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> first = cache.Get(Pages(1, 1));
        first.Dispose();
        RegistrationLease<Pin> second = cache.Get(Pages(1, 1));
        first.Dispose();
        Watch.Report(Pages(1, 1));
        cache.Remove(Pages(1, 1));
        Assert.False(second.Registration.IsReleased);
        second.Dispose();
        AwaitThat(() => second.Registration.IsReleased);
    }

    private static long AllocatedByHits(RegistrationCache<Pin> cache, AddressRange range)
    {
        GetAndPutQuickly(cache, range);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            GetAndPutQuickly(cache, range);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Two ranges in turn, so that the hint of the last one does not help.</summary>
    private static long AllocatedByCovering(RegistrationCache<Pin> cache)
    {
        GetAndPut(cache, Pages(101, 16));
        GetAndPutQuickly(cache, Pages(102, 1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            GetAndPutQuickly(cache, Pages(i % 2 == 0 ? 2UL : 102UL, 1));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void GetAndPutQuickly(RegistrationCache<Pin> cache, AddressRange range) => cache.Get(range).Dispose();
}
