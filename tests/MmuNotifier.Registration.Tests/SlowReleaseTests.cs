namespace MmuNotifier.Registration.Tests;

/// <summary>A Release that takes long: which calls wait for it, and which do not. Nothing here measures time.</summary>
public sealed class SlowReleaseTests : CacheTest
{
    private readonly ManualResetEventSlim _mayRelease = new();
    private readonly ManualResetEventSlim _isReleasing = new();

    public override void Dispose()
    {
        _mayRelease.Set();
        base.Dispose();
        _mayRelease.Dispose();
        _isReleasing.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Miss_does_not_wait_for_the_release_of_what_changes_took_out()
    {
        RegistrationCache<Pin> cache = Make();
        for (ulong i = 0; i < 8; i++)
            GetAndPut(cache, Pages(i * 2, 1));
        BlockReleases();
        Watch.Announce(Pages(0, 16));
        Pin pin = GetAndPut(cache, Pages(100, 1)); // No Release may return yet.
        Assert.False(pin.IsReleased);
        _mayRelease.Set();
        AwaitThat(() => Provider.Living == 1);
    }

    [Fact]
    public void Hit_that_came_too_late_does_not_wait_either()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 1));
        BlockReleases();
        Watch.Report(Pages(1, 1));
        Assert.True(_isReleasing.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(2, GetAndPut(cache, Pages(1, 1)).Number);
        _mayRelease.Set();
    }

    [Fact]
    public void End_of_a_lease_and_Remove_release_what_is_theirs_and_leave_the_rest()
    {
        RegistrationCache<Pin> cache = Make();
        Pin slow = GetAndPut(cache, Pages(1, 1));
        Pin removed = GetAndPut(cache, Pages(3, 1));
        RegistrationLease<Pin> lease = cache.Get(Pages(5, 1));
        Provider.OnRelease = pin =>
        {
            if (ReferenceEquals(pin, slow))
                Block();
        };
        Watch.Report(Pages(1, 1));
        Watch.Report(Pages(5, 1));
        Assert.True(_isReleasing.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(1, cache.Remove(Pages(3, 1)));
        Assert.True(removed.IsReleased);
        lease.Dispose();
        Assert.True(lease.Registration.IsReleased);
        _mayRelease.Set();
    }

    [Fact]
    public void Dispose_inside_of_Release_does_not_wait_for_itself()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { DrainTimeout = TimeSpan.FromDays(1) });
        Pin[] pins = [GetAndPut(cache, Pages(1, 1)), GetAndPut(cache, Pages(3, 1))];
        Provider.OnRelease = _ => cache.Dispose();
        var thread = new Thread(() => cache.Remove(Pages(1, 1)));
        thread.Start();
        Assert.True(thread.Join(Patience.Limit));
        AwaitThat(() => pins.All(pin => pin.IsReleased));
    }

    [Fact]
    public void Dispose_inside_of_the_caches_own_thread_does_not_wait_for_itself()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { DrainTimeout = TimeSpan.FromDays(1) });
        Pin[] pins = [.. Enumerable.Range(1, 8).Select(i => GetAndPut(cache, Pages((ulong)i * 2, 1)))];
        Provider.OnRelease = _ => cache.Dispose();
        Watch.Report(Pages(2, 4));
        AwaitThat(() => pins.All(pin => pin.IsReleased));
    }

    [Fact]
    public void Dispose_inside_of_TrySplit_does_not_wait_for_itself()
    {
        RegistrationCache<Pin>? cache = null;
        UseSplitting().OnSplit = _ =>
        {
            cache!.Dispose();
            return true;
        };
        cache = Make(new RegistrationCacheOptions { DrainTimeout = TimeSpan.FromDays(1) });
        GetAndPut(cache, Pages(16, 16));
        Watch.Report(Pages(20, 1));
        AwaitThat(() => Provider.Living == 0);
    }

    private void BlockReleases() => Provider.OnRelease = _ => Block();

    private void Block()
    {
        _isReleasing.Set();
        Assert.True(_mayRelease.Wait(Patience.Limit));
    }
}
