namespace MmuNotifier.Registration.Tests;

public sealed class FailureTests : CacheTest
{
    [Fact]
    public void Nothing_is_cached_after_the_watch_failed_and_it_is_told_once()
    {
        RegistrationCache<Pin> cache = Make();
        List<RegistrationProblemEventArgs> problems = [];
        cache.ProblemOccurred += (_, problem) =>
        {
            lock (problems)
                problems.Add(problem);
        };
        Pin before = GetAndPut(cache, Pages(1, 1));
        Watch.Failure = "the reader died";
        for (int i = 0; i < 5; i++)
        {
            Pin pin = GetAndPut(cache, Pages(1, 1));
            Assert.NotSame(before, pin);
            Assert.True(pin.IsReleased);
        }

        AwaitThat(() => before.IsReleased);
        Assert.Contains("the reader died", Assert.Single(problems).Message, StringComparison.Ordinal);
        Assert.Equal((0, 1L), (cache.Count, cache.Metrics.WatchFailures));
    }

    [Fact]
    public void Watch_that_fails_while_it_is_registered_keeps_it_from_being_kept()
    {
        RegistrationCache<Pin> cache = Make();
        Provider.OnRegister = _ => Watch.Failure = "no userfaultfd";
        Assert.True(GetAndPut(cache, Pages(1, 1)).IsReleased);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Lease_in_use_when_the_watch_fails_goes_on()
    {
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> lease = cache.Get(Pages(1, 1));
        Watch.Failure = "the reader died";
        GetAndPut(cache, Pages(2, 1));
        AwaitThat(() => !lease.IsValid);
        Assert.False(lease.Registration.IsReleased);
        lease.Dispose();
        AwaitThat(() => lease.Registration.IsReleased);
    }

    [Fact]
    public void Handler_that_throws_is_ignored_and_the_others_are_called()
    {
        RegistrationCache<Pin> cache = Make();
        int calls = 0;
        cache.ProblemOccurred += (_, _) => throw new InvalidOperationException();
        cache.ProblemOccurred += (_, _) => calls++;
        Watch.Failure = "gone";
        GetAndPut(cache, Pages(1, 1));
        Assert.Equal(1, calls);
    }
}
