namespace MmuNotifier.Registration.Tests;

public sealed class LimitTests : CacheTest
{
    [Fact]
    public void Count_is_kept_and_what_was_used_stays()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxCount = 4 });
        Pin[] pins = [.. Enumerable.Range(0, 4).Select(i => GetAndPut(cache, Pages((ulong)i * 2, 1)))];
        GetAndPut(cache, Pages(0, 1));
        GetAndPut(cache, Pages(4, 1));
        GetAndPut(cache, Pages(100, 1));
        Assert.Equal([false, true, false, false], pins.Select(pin => pin.IsReleased));
        Assert.Equal((4, 1L), (cache.Count, cache.Metrics.GetRetirementCount(RetirementReason.Evicted)));
    }

    [Fact]
    public void Bytes_are_kept()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxBytes = 10 * (long)Page });
        for (ulong i = 0; i < 20; i++)
            GetAndPut(cache, Pages(i * 4, 3));
        Assert.Equal((3, 9 * (long)Page), (cache.Count, cache.RegisteredBytes));
        GetAndPut(cache, Pages(1000, 10));
        Assert.Equal((1, 10 * (long)Page), (cache.Count, cache.RegisteredBytes));
    }

    [Fact]
    public void More_than_the_limit_is_not_kept_and_drives_nothing_out()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxBytes = 4 * (long)Page });
        Pin kept = GetAndPut(cache, Pages(0, 1));
        Assert.True(GetAndPut(cache, Pages(10, 5)).IsReleased);
        Assert.Same(kept, GetAndPut(cache, Pages(0, 1)));
    }

    [Fact]
    public void What_is_in_use_stays_and_more_is_not_kept()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxCount = 2 });
        using RegistrationLease<Pin> first = cache.Get(Pages(0, 1));
        using RegistrationLease<Pin> second = cache.Get(Pages(2, 1));
        Assert.True(GetAndPut(cache, Pages(4, 1)).IsReleased);
        Assert.True(first.IsValid && second.IsValid);
    }

    [Fact]
    public void Those_that_give_way_are_released_before_the_next_is_registered()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxCount = 3 });
        Provider.OnRegister = _ => Assert.True(Provider.Living <= 3);
        for (ulong i = 0; i < 30; i++)
            GetAndPut(cache, Pages(i * 2, 1));
        Assert.Equal(3, Provider.Living);
    }

    [Fact]
    public void Provider_that_throws_gives_its_room_back()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { MaxCount = 1 });
        Provider.OnRegister = _ => throw new InvalidOperationException();
        Assert.Throws<InvalidOperationException>(() => cache.Get(Pages(0, 1)));
        Provider.All.Clear();
        Provider.OnRegister = null;
        Assert.False(GetAndPut(cache, Pages(0, 1)).IsReleased);
    }
}
