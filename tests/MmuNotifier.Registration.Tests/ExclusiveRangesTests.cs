namespace MmuNotifier.Registration.Tests;

/// <summary>A provider that refuses to have a page twice, as cudaHostRegister does.</summary>
public sealed class ExclusiveRangesTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly TestWatch _watch = new();
    private readonly ExclusiveProvider _provider = new();
    private readonly RegistrationCache<int> _cache;

    public ExclusiveRangesTests() => _cache = Make(Patience.Limit);

    public void Dispose()
    {
        _cache.Dispose();
        Assert.Equal(0, _provider.Living);
        Assert.Equal(0, _watch.Watched);
    }

    [Fact]
    public void Without_the_option_such_a_provider_refuses()
    {
        using var cache = new RegistrationCache<int>(_watch, _provider);
        cache.Get(Pages(0, 4)).Dispose();
        Assert.Throws<InvalidOperationException>(() => cache.Get(Pages(2, 4)));
    }

    [Fact]
    public void Kept_registration_gives_way_to_one_that_overlaps_it()
    {
        _cache.Get(Pages(0, 4)).Dispose();
        _cache.Get(Pages(8, 1)).Dispose();
        _cache.Get(Pages(2, 4)).Dispose();
        Assert.Equal(2, _cache.Count);
    }

    [Fact]
    public void Two_ranges_of_one_page_overlap_too()
    {
        _cache.Get(AddressRange.FromLength(Page, 100)).Dispose();
        _cache.Get(AddressRange.FromLength(Page + 200, 100)).Dispose();
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public void Memory_mapped_anew_is_registered_when_the_old_lease_has_ended()
    {
        RegistrationLease<int> lease = _cache.Get(Pages(0, 4));
        _watch.Announce(Pages(0, 4));
        using var isWaiting = new ManualResetEventSlim();
        int got = 0;
        var thread = new Thread(() =>
        {
            isWaiting.Set();
            using RegistrationLease<int> other = _cache.Get(Pages(0, 4));
            Volatile.Write(ref got, other.Registration);
        });
        thread.Start();
        Assert.True(isWaiting.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        lease.Dispose();
        Assert.True(thread.Join(Patience.Limit));
        Assert.Equal(lease.Registration + 1, got);
    }

    [Fact]
    public void Overlap_in_use_is_refused_after_the_time_with_what_to_do()
    {
        using RegistrationCache<int> cache = Make(TimeSpan.Zero);
        using RegistrationLease<int> lease = cache.Get(Pages(0, 4));
        Assert.Contains(
            "end its lease first", Assert.Throws<RegistrationOverlapException>(() =>
                cache.Get(Pages(2, 4))).Message, StringComparison.Ordinal);
        Assert.Equal(1, cache.Metrics.Registrations);
    }

    [Fact]
    public void Overlap_with_the_registration_that_this_thread_is_making_is_refused_at_once()
    {
        Exception? thrown = null;
        _provider.OnRegister = () =>
        {
            _provider.OnRegister = null;
            thrown = Record.Exception(() => _cache.Get(Pages(0, 1)));
        };
        _cache.Get(Pages(0, 4)).Dispose();
        Assert.IsType<RegistrationOverlapException>(thrown);
    }

    [Fact]
    public void Refused_and_failed_registrations_leave_their_pages_free()
    {
        _provider.OnRegister = () => throw new NotSupportedException();
        Assert.Throws<NotSupportedException>(() => _cache.Get(Pages(0, 4)));
        _provider.OnRegister = null;
        _watch.Changes = _ => true; // Not kept.
        _cache.Get(Pages(0, 4)).Dispose();
        _watch.Failure = "gone";
        _cache.Get(Pages(1, 4)).Dispose();
    }

    [Fact]
    public void Memory_that_changes_while_it_is_registered_is_registered_anew()
    {
        _provider.OnRegister = () =>
        {
            _provider.OnRegister = null;
            _watch.Report(Pages(0, 4));
        };
        using RegistrationLease<int> lease = _cache.Get(Pages(0, 4));
        Assert.Equal((2, 1), (lease.Registration, _provider.Living));
    }

    [Fact]
    public void Threads_that_get_overlapping_ranges_while_memory_changes_never_have_a_page_twice()
    {
        const int threadCount = 4;
        int failures = 0;
        Thread[] threads = [.. Enumerable.Range(0, threadCount).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 2000; i++)
            {
                try
                {
                    using RegistrationLease<int> lease = _cache.Get(Pages((ulong)random.Next(8), (ulong)random.Next(1, 5)));
                    if (random.Next(10) == 0)
                        _watch.Announce(Pages((ulong)random.Next(8), 1));
                }
                catch (Exception)
                {
                    Interlocked.Increment(ref failures);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.True(thread.Join(Patience.Limit)));
        Assert.Equal(0, failures);
    }

    private static AddressRange Pages(ulong first, ulong count) => AddressRange.FromLength((first + 1) * Page, count * Page);

    private RegistrationCache<int> Make(TimeSpan timeout) =>
        new(_watch, _provider, new RegistrationCacheOptions { ExclusiveRanges = true, OverlapTimeout = timeout });

    private sealed class ExclusiveProvider : IRegistrationProvider<int>
    {
        private readonly HashSet<ulong> _pages = [];
        private int _made;

        public Action? OnRegister { get; set; }

        public int Living { get; private set; }

        public int Register(AddressRange range)
        {
            lock (_pages)
            {
                if (PagesOf(range).Any(_pages.Contains))
                    throw new InvalidOperationException("already registered");
                _pages.UnionWith(PagesOf(range));
                Living++;
            }

            try
            {
                OnRegister?.Invoke();
            }
            catch (NotSupportedException)
            {
                Release(0, range);
                throw;
            }

            return Interlocked.Increment(ref _made);
        }

        public void Release(int registration, AddressRange range)
        {
            lock (_pages)
            {
                _pages.ExceptWith(PagesOf(range));
                Living--;
            }
        }

        private static IEnumerable<ulong> PagesOf(AddressRange range)
        {
            for (ulong page = range.Start / Page; page <= range.Last / Page; page++)
                yield return page;
        }
    }
}
