namespace MmuNotifier.Registration.Tests;

public sealed class SplittingTests : CacheTest
{
    [Fact]
    public void Hole_of_one_page_keeps_the_rest()
    {
        UseSplitting();
        RegistrationCache<Pin> cache = Make();
        Pin whole = GetAndPut(cache, Pages(16, 16));
        Watch.Announce(Pages(20, 1));
        Pin left = GetAndPut(cache, Pages(16, 4));
        Pin right = GetAndPut(cache, Pages(21, 11));
        Assert.Equal((Pages(16, 4), Pages(21, 11)), (left.Range, right.Range));
        AwaitThat(() => whole.IsReleased);
        Assert.Equal((2, 2L, 1L), (cache.Count, cache.Metrics.KeptRests, cache.Metrics.Misses));
        Assert.Equal(15 * (long)Page, cache.RegisteredBytes);
        Assert.Equal(2, Watch.Watched);
    }

    [Fact]
    public void Rests_are_invalidated_for_themselves()
    {
        UseSplitting();
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        Watch.Announce(Pages(20, 1));
        Pin left = GetAndPut(cache, Pages(16, 4));
        Watch.Announce(Pages(31, 1), InvalidationEvent.Clear);
        Assert.Same(left, GetAndPut(cache, Pages(16, 4)));
        Assert.Equal(Pages(21, 10), GetAndPut(cache, Pages(21, 10)).Range);
        Assert.Equal(1, cache.Metrics.Misses);
    }

    [Theory]
    [InlineData(16, 4, 20, 12)]
    [InlineData(28, 4, 16, 12)]
    public void Hole_at_an_end_keeps_the_other(ulong hole, ulong count, ulong rest, ulong restCount)
    {
        UseSplitting();
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        Watch.Announce(Pages(hole, count));
        Assert.Equal(Pages(rest, restCount), GetAndPut(cache, Pages(rest, restCount)).Range);
        Assert.Equal((1, 1L), (cache.Count, cache.Metrics.Misses));
    }

    [Fact]
    public void Hole_over_all_keeps_nothing()
    {
        UseSplitting().OnSplit = _ => throw new InvalidOperationException("There is nothing to split.");
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        Watch.Report(Pages(0, 100));
        AwaitThat(() => Provider.Living == 0);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Whole_in_use_is_released_after_its_lease_and_the_rest_is_there_at_once()
    {
        UseSplitting();
        RegistrationCache<Pin> cache = Make();
        RegistrationLease<Pin> lease = cache.Get(Pages(16, 16));
        Watch.Announce(Pages(20, 1));
        Assert.Equal(Pages(16, 4), GetAndPut(cache, Pages(16, 4)).Range);
        Assert.False(lease.Registration.IsReleased);
        lease.Dispose();
        AwaitThat(() => lease.Registration.IsReleased);
    }

    [Fact]
    public void Provider_that_does_not_split_registers_the_rest_anew()
    {
        SplittingPinProvider provider = UseSplitting();
        provider.OnSplit = _ => false;
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        Watch.Announce(Pages(20, 1));
        Assert.Equal(2, GetAndPut(cache, Pages(16, 4)).Number);
        Assert.Equal(2, cache.Metrics.Misses);
    }

    [Fact]
    public void Split_that_throws_is_told()
    {
        UseSplitting().OnSplit = _ => throw new InvalidOperationException("busy");
        RegistrationCache<Pin> cache = Make();
        int problems = 0;
        cache.ProblemOccurred += (_, problem) => problems += problem.Problem == RegistrationProblem.SplitFailed ? 1 : 0;
        GetAndPut(cache, Pages(16, 16));
        Watch.Announce(Pages(20, 1));
        GetAndPut(cache, Pages(16, 4));
        Assert.Equal(2, problems);
    }

    [Fact]
    public void Change_of_the_rest_while_it_is_split_off_keeps_it_from_being_kept()
    {
        SplittingPinProvider provider = UseSplitting();
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        provider.OnSplit = rest =>
        {
            if (rest.Start == 16 * Page)
                Watch.Report(Pages(17, 1), InvalidationEvent.Clear);
            return true;
        };
        Watch.Announce(Pages(20, 1));
        Pin left = GetAndPut(cache, Pages(16, 4));
        Assert.Equal(2, cache.Metrics.Misses);
        Assert.Equal(Pages(21, 11), GetAndPut(cache, Pages(21, 11)).Range);
        Assert.Equal(2, cache.Metrics.Misses);
        Assert.False(left.IsReleased);
    }

    [Fact]
    public void Removal_while_it_is_split_keeps_nothing()
    {
        SplittingPinProvider provider = UseSplitting();
        RegistrationCache<Pin> cache = Make();
        GetAndPut(cache, Pages(16, 16));
        provider.OnSplit = _ =>
        {
            cache.Remove(Pages(31, 1));
            return true;
        };
        Watch.Report(Pages(20, 1));
        AwaitThat(() => Provider.Living == 0);
        Assert.Equal(0, cache.Count);
    }
}
