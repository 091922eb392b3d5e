namespace MmuNotifier.Registration.Tests;

/// <summary>DisposeAsync: as Dispose, but no thread waits.</summary>
public sealed class DisposingAsyncTests : CacheTest
{
    private static readonly RegistrationCacheOptions s_patient = new() { DrainTimeout = TimeSpan.FromDays(1) };

    [Fact]
    public async Task Everything_is_released_and_get_is_refused()
    {
        RegistrationCache<Pin> cache = Make();
        Pin pin = GetAndPut(cache, Pages(1, 1));
        await cache.DisposeAsync();
        Assert.True(pin.IsReleased);
        Assert.Throws<ObjectDisposedException>(() => cache.Get(Pages(1, 1)));
    }

    [Fact]
    public async Task It_completes_when_the_last_lease_ends_and_blocks_no_thread()
    {
        RegistrationCache<Pin> cache = Make(s_patient);
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        Watch.Changes = _ => true;
        RegistrationLease<Pin> uncached = cache.Get(Pages(2, 1));
        Task ended = cache.DisposeAsync().AsTask(); // This thread, which holds the leases, comes back from here.
        Assert.False(ended.IsCompleted);
        lease.Dispose();
        AwaitThat(() => lease.Registration.IsReleased);
        Assert.False(ended.IsCompleted);
        uncached.Dispose();
        await ended.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.True(uncached.Registration.IsReleased);
    }

    [Fact]
    public async Task It_gives_up_and_the_lease_releases_when_it_ends()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { DrainTimeout = TimeSpan.FromMilliseconds(1) });
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        await cache.DisposeAsync();
        Assert.False(lease.Registration.IsReleased);
        lease.Dispose();
        AwaitThat(() => lease.Registration.IsReleased);
    }

    [Fact]
    public void Only_the_first_call_of_either_has_an_effect()
    {
        RegistrationCache<Pin> cache = Make(s_patient);
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        Task ended = cache.DisposeAsync().AsTask();
        cache.Dispose(); // Would wait for a day.
        Assert.True(cache.DisposeAsync().AsTask().IsCompletedSuccessfully);
        Assert.False(ended.IsCompleted);
        lease.Dispose();
        AwaitThat(() => ended.IsCompletedSuccessfully);
    }

    [Fact]
    public void Inside_of_Release_it_does_not_wait_for_itself()
    {
        RegistrationCache<Pin> cache = Make(s_patient);
        Pin[] pins = [GetAndPut(cache, Pages(1, 1)), GetAndPut(cache, Pages(3, 1))];
        bool hasWaited = false;
        Provider.OnRelease = _ => hasWaited |= !cache.DisposeAsync().AsTask().IsCompletedSuccessfully;
        cache.Remove(Pages(1, 1));
        AwaitThat(() => pins.All(pin => pin.IsReleased));
        Assert.False(hasWaited);
    }

    [Fact]
    public async Task What_the_provider_throws_is_reported_and_does_not_come_out()
    {
        RegistrationCache<Pin> cache = Make();
        List<RegistrationProblem> problems = [];
        cache.ProblemOccurred += (_, problem) => problems.Add(problem.Problem);
        GetAndPut(cache, Pages(1, 1));
        Provider.OnRelease = _ => throw new InvalidOperationException("no");
        await cache.DisposeAsync();
        Assert.Equal([RegistrationProblem.ReleaseFailed], problems);
    }
}
