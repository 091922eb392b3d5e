namespace MmuNotifier.Registration.Tests;

/// <summary>
/// Threads that get and put against threads that change and remove. The oracle: a version a page, moved before a change returns.
/// </summary>
public sealed class ConcurrencyTests : CacheTest
{
    private const int Regions = 16;
    private const int RegionPages = 16;

    /// <summary>By each getting thread; the others continue until both are through.</summary>
    private const int LeastGets = 50_000;

    private readonly List<Exception> _failures = [];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void No_hit_is_stale_and_nothing_is_released_in_use(bool isReportedLate, bool splits)
    {
        var provider = new VersionedProvider(Regions * RegionPages, Page) { Splits = splits };
        var options = new RegistrationCacheOptions { MaxCount = Regions - 2 };
        using (var cache = new RegistrationCache<VersionedProvider.Registration>(Watch, provider, options))
        {
            int getting = 2;
            Func<bool> isOver = () => Volatile.Read(ref getting) == 0 || !IsRight;
            Func<bool> hasShownAll = () =>
                (cache.Metrics.Hits > 0 && cache.Metrics.Misses > 0 && (!splits || cache.Metrics.KeptRests > 0)) || !IsRight;
            void Get(int seed)
            {
                GetAndCheck(cache, provider, hasShownAll, seed);
                Interlocked.Decrement(ref getting);
            }

            RunAll(() => Change(provider, isOver, isReportedLate), () => Get(seed: 1), () => Get(seed: 2), () => RemoveSome(cache, isOver));
            Assert.Equal(splits, cache.Metrics.KeptRests > 0);
        }

        Assert.Equal(0, provider.Living);
    }

    [Fact]
    public void Gets_of_one_range_at_once_all_succeed_and_one_is_kept()
    {
        for (int round = 0; round < 50; round++)
        {
            RegistrationCache<Pin> cache = Make();
            using var barrier = new Barrier(3);
            void Get()
            {
                barrier.SignalAndWait();
                GetAndPut(cache, Pages(1, 1));
            }

            RunAll(Get, Get, Get);
            Assert.Equal((1, 1), (cache.Count, Provider.Living));
            cache.Dispose();
        }
    }

    private bool IsRight
    {
        get
        {
            lock (_failures)
                return _failures.Count == 0;
        }
    }

    private static AddressRange Part(Random random)
    {
        ulong first = (ulong)random.Next(RegionPages / 2);
        bool isWhole = random.Next(2) == 0;
        return Pages(((ulong)random.Next(Regions) * RegionPages) + (isWhole ? 0 : first), isWhole ? RegionPages : 4UL);
    }

    private void Change(VersionedProvider provider, Func<bool> isOver, bool isReportedLate)
    {
        var random = new Random(3);
        while (!isOver())
        {
            int page = random.Next(Regions * RegionPages);
            AddressRange hole = Pages((ulong)page, 1);
            provider.Change(page, isReportedLate ? () => Watch.Announce(hole) : () => Watch.Report(hole));
            Thread.SpinWait(random.Next(2000));
        }
    }

    private static void GetAndCheck(
        RegistrationCache<VersionedProvider.Registration> cache, VersionedProvider provider, Func<bool> hasShownAll, int seed)
    {
        var random = new Random(seed);
        long[] atLeast = new long[Regions * RegionPages];
        List<RegistrationLease<VersionedProvider.Registration>> held = [];
        for (int gets = 0; gets < LeastGets || !hasShownAll(); gets++)
        {
            AddressRange range = Part(random);
            provider.ReadReturned(range, atLeast);
            RegistrationLease<VersionedProvider.Registration> lease = cache.Get(range);
            provider.Check(lease.Registration, range, atLeast);
            held.Add(lease);
            if (held.Count > random.Next(20))
            {
                foreach (RegistrationLease<VersionedProvider.Registration> each in held)
                {
                    Assert.False(each.Registration.IsReleased, "released in use");
                    each.Dispose();
                }

                held.Clear();
            }
        }

        held.ForEach(lease => lease.Dispose());
    }

    private static void RemoveSome(RegistrationCache<VersionedProvider.Registration> cache, Func<bool> isOver)
    {
        var random = new Random(4);
        while (!isOver())
        {
            cache.Remove(Part(random));
            Thread.Sleep(1);
        }
    }

    private void RunAll(params Action[] bodies)
    {
        Thread[] threads = [.. bodies.Select(body => new Thread(() => Run(body)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            Assert.True(thread.Join(Patience.Limit));
        Assert.Empty(_failures);
    }

    private void Run(Action body)
    {
        try
        {
            body();
        }
        catch (Exception exception)
        {
            lock (_failures)
                _failures.Add(exception);
        }
    }
}
