namespace MmuNotifier.Registration.Tests;

public sealed class VerifyOnHitTests : CacheTest
{
    [Fact]
    public void Each_hit_looks_whether_the_pages_are_intact()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { VerifyOnHit = true });
        Pin before = GetAndPut(cache, Pages(1, 4));
        Assert.Same(before, GetAndPut(cache, Pages(1, 4)));
        Watch.Intact = range => range != Pages(1, 4) || before.IsReleased;
        Pin after = GetAndPut(cache, Pages(1, 4));
        Assert.NotSame(before, after);
        Assert.True(before.IsReleased);
        Assert.Equal((2, 1L), (Watch.Armed, cache.Metrics.GetRetirementCount(RetirementReason.NotIntact)));
    }

    [Fact]
    public void What_is_not_intact_when_it_is_registered_is_not_kept()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { VerifyOnHit = true });
        Watch.Intact = _ => false;
        Assert.True(GetAndPut(cache, Pages(1, 4)).IsReleased);
    }

    [Fact]
    public void Without_it_nothing_is_armed()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Intact = _ => false;
        Assert.Same(GetAndPut(cache, Pages(1, 4)), GetAndPut(cache, Pages(1, 4)));
        Assert.Equal(0, Watch.Armed);
    }

    [Fact]
    public void Scan_finds_what_is_not_intact()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { ScanInterval = TimeSpan.FromMilliseconds(5) });
        Pin changed = GetAndPut(cache, Pages(1, 4));
        Pin other = GetAndPut(cache, Pages(8, 4));
        Watch.Intact = range => range != Pages(1, 4);
        AwaitThat(() => changed.IsReleased);
        Assert.Same(other, GetAndPut(cache, Pages(8, 4)));
    }
}
