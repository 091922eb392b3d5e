namespace MmuNotifier.Registration.Tests;

public sealed class InvalidatingTests : CacheTest
{
    public static TheoryData<InvalidationEvent> Events =>
        [.. Enum.GetValues<InvalidationEvent>().Where(each => each != InvalidationEvent.Release)];

    [Theory]
    [MemberData(nameof(Events))]
    public void Each_event_takes_the_registration_out(InvalidationEvent invalidationEvent)
    {
        RegistrationCache<Pin> cache = Make();
        Pin before = GetAndPut(cache, Pages(1, 16));
        Watch.Report(Pages(3, 1), invalidationEvent);
        Assert.Equal((0, 1L), (cache.Count, cache.Metrics.GetInvalidationCount(invalidationEvent)));
        Assert.NotSame(before, GetAndPut(cache, Pages(1, 16)));
        AwaitThat(() => before.IsReleased);
    }

    [Fact]
    public void Exit_of_the_space_takes_all_out_and_nothing_is_kept_after_it()
    {
        RegistrationCache<Pin> cache = Make();
        Pin before = GetAndPut(cache, Pages(1, 16));
        Watch.Space.Exit();
        Assert.Equal(0, cache.Count);
        Assert.True(GetAndPut(cache, Pages(1, 16)).IsReleased);
        AwaitThat(() => before.IsReleased);
    }

    [Fact]
    public void What_no_call_follows_is_released_by_the_cache_itself()
    {
        RegistrationCache<Pin> cache = Make();
        Pin[] pins = [.. Enumerable.Range(0, 200).Select(i => GetAndPut(cache, Pages((ulong)i, 1)))];
        for (ulong i = 0; i < 200; i++)
            Watch.Report(Pages(i, 1));
        AwaitThat(() => pins.All(pin => pin.IsReleased));
        AwaitThat(() => cache.Metrics.Drains == 200);
        AwaitThat(() => Watch.Watched == 0);
    }

    [Fact]
    public void Registration_in_use_is_drained()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        RegistrationLease<Pin> other = cache.Get(Pages(1, 1));
        Watch.Report(Pages(1, 1));
        Assert.False(lease.IsValid);
        Pin after = GetAndPut(cache, Pages(1, 1));
        Assert.NotSame(lease.Registration, after);
        lease.Dispose();
        Thread.Sleep(20);
        Assert.False(other.Registration.IsReleased);
        other.Dispose();
        AwaitThat(() => other.Registration.IsReleased);
        Assert.False(after.IsReleased);
    }

    [Fact]
    public void Lease_may_end_on_another_thread()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        Watch.Report(Pages(1, 1));
        var thread = new Thread(lease.Dispose);
        thread.Start();
        Assert.True(thread.Join(Patience.Limit));
        AwaitThat(() => lease.Registration.IsReleased);
    }

    [Fact]
    public void Lease_of_a_thread_that_has_ended_goes_on()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> lease = default;
        var thread = new Thread(() => lease = cache.Get(Pages(1, 1)));
        thread.Start();
        Assert.True(thread.Join(Patience.Limit));
        for (int i = 0; i < 20; i++)
        {
            // New threads take the slots over.
            var next = new Thread(() => GetAndPut(cache, Pages(2, 1)));
            next.Start();
            Assert.True(next.Join(Patience.Limit));
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Watch.Report(Pages(1, 1));
        cache.Clear();
        Assert.False(lease.Registration.IsReleased);
        lease.Dispose();
        AwaitThat(() => lease.Registration.IsReleased);
    }

    [Fact]
    public void Release_may_free_watched_memory_get_and_remove()
    {
        RegistrationCache<Pin> cache = Make();
        for (ulong i = 1; i <= 300; i++)
            GetAndPut(cache, Pages(i, 1));
        Provider.OnRelease = pin =>
        {
            ulong page = pin.Range.Start / Page;
            if (page >= 300)
                return;
            Watch.Announce(Pages(page + 1, 1)); // The next is freed by the release of this one, and so on.
            GetAndPut(cache, Pages(1000, 1));
            cache.Remove(Pages(2000, 1));
        };
        Watch.Report(Pages(1, 1));
        AwaitThat(() => Provider.All.Count(pin => pin.IsReleased) >= 300);
        Provider.OnRelease = null;
    }

    [Fact]
    public void Release_that_throws_is_told_and_holds_nothing_up()
    {
        RegistrationCache<Pin> cache = Make();
        List<RegistrationProblemEventArgs> problems = [];
        cache.ProblemOccurred += (_, problem) => problems.Add(problem);
        GetAndPut(cache, Pages(1, 1));
        GetAndPut(cache, Pages(2, 1));
        Provider.OnRelease = _ => throw new InvalidOperationException("busy");
        Assert.Equal(2, cache.Clear());
        Provider.OnRelease = null;
        Assert.Equal([RegistrationProblem.ReleaseFailed, RegistrationProblem.ReleaseFailed], problems.Select(problem => problem.Problem));
        Assert.Equal(0, cache.RegisteredBytes);
    }

    [Fact]
    public void Get_inside_of_a_callback_of_the_space_works()
    {
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(1, 1));
        var getting = new ActingNotifier(() => GetAndPut(cache, Pages(1, 1)));
        Watch.Space.Insert(getting, Pages(1, 1));
        Watch.Report(Pages(1, 1));
        Assert.Equal(1, getting.Calls);
        Assert.Equal(0, cache.Count);
        getting.Remove();
    }

    [Fact]
    public void Remove_takes_out_what_meets_the_range_and_releases_it()
    {
        RegistrationCache<Pin> cache = Make();
        Pin[] pins = [GetAndPut(cache, Pages(1, 2)), GetAndPut(cache, Pages(3, 2)), GetAndPut(cache, Pages(5, 2))];
        Assert.Equal(2, cache.Remove(Pages(2, 2)));
        Assert.Equal([true, true, false], pins.Select(pin => pin.IsReleased));
        Assert.Equal(1, cache.Clear());
        Assert.Equal(0, cache.Clear());
        Assert.Equal(3, cache.Metrics.GetRetirementCount(RetirementReason.Removed));
    }

    [Fact]
    public void Remove_while_it_is_registered_keeps_it_from_being_kept()
    {
        RegistrationCache<Pin> cache = Make();
        Provider.OnRegister = range => cache.Remove(range);
        Assert.True(GetAndPut(cache, Pages(1, 1)).IsReleased);
        Assert.Equal(0, cache.Count);
    }

    private sealed class ActingNotifier(Action act) : IntervalNotifier
    {
        public int Calls { get; private set; }

        protected override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            Calls++;
            act();
            return InvalidateResult.Done;
        }
    }
}
