namespace MmuNotifier.Registration.Tests;

/// <summary>A provider that has only so many pages to give, as an unprivileged process has locked memory.</summary>
public sealed class ShortageTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly TestWatch _watch = new();
    private readonly LimitedProvider _provider = new(pages: 16);
    private readonly RegistrationCache<int> _cache;

    public ShortageTests() => _cache = new RegistrationCache<int>(_watch, _provider);

    public void Dispose()
    {
        _cache.Dispose();
        Assert.Equal(0, _provider.Used);
        Assert.Equal(0, _watch.Watched);
    }

    [Fact]
    public void Idle_registrations_are_given_up_before_a_caller_is_refused()
    {
        for (ulong i = 0; i < 16; i++)
            GetAndPut(i, 1);
        GetAndPut(100, 1);
        Assert.Equal(16, _provider.Used);
        GetAndPut(200, 16);
        Assert.Equal((1, 16), (_cache.Count, _provider.Used));
    }

    [Fact]
    public void Only_as_much_is_given_up_as_it_takes()
    {
        for (ulong i = 0; i < 16; i++)
            GetAndPut(i, 1);
        GetAndPut(100, 4);
        Assert.InRange(_cache.Count, 1 + 8, 1 + 12);
    }

    [Fact]
    public void What_is_in_use_stays_and_the_refusal_comes_out_as_the_provider_made_it()
    {
        using RegistrationLease<int> lease = _cache.Get(Pages(0, 10));
        GetAndPut(20, 4);
        Assert.Equal("16 pages are all there are", Assert.Throws<NotSupportedException>(() => _cache.Get(Pages(100, 7))).Message);
        Assert.True(lease.IsValid);
        using RegistrationLease<int> other = _cache.Get(Pages(200, 6));
    }

    [Fact]
    public void What_changes_took_out_is_released_before_anything_kept_is_given_up()
    {
        GetAndPut(0, 8);
        GetAndPut(20, 8);
        _watch.Announce(Pages(0, 8));
        GetAndPut(40, 8);
        Assert.Equal(0, _cache.Metrics.GetRetirementCount(RetirementReason.Evicted));
        Assert.Equal(2, _cache.Count);
    }

    [Fact]
    public void Uncached_registrations_are_given_room_too()
    {
        GetAndPut(0, 16);
        _watch.Failure = "gone";
        _cache.Get(Pages(40, 16)).Dispose();
    }

    [Fact]
    public void Another_refusal_is_not_tried_again()
    {
        GetAndPut(0, 16);
        _provider.RefusesAll = true;
        Assert.Throws<InvalidOperationException>(() => _cache.Get(Pages(40, 1)));
        Assert.Equal(1, _cache.Count);
        _provider.RefusesAll = false;
    }

    [Fact]
    public void Many_threads_with_less_than_they_ask_for_are_refused_or_served_and_nothing_is_left()
    {
        int served = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 2000; i++)
            {
                try
                {
                    GetAndPut((ulong)random.Next(64) * 8, (ulong)random.Next(1, 9));
                    Interlocked.Increment(ref served);
                }
                catch (NotSupportedException)
                {
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.True(thread.Join(Patience.Limit)));
        Assert.True(served > 0);
    }

    private static AddressRange Pages(ulong first, ulong count) => AddressRange.FromLength((first + 1) * Page, count * Page);

    private void GetAndPut(ulong first, ulong count) => _cache.Get(Pages(first, count)).Dispose();

    private sealed class LimitedProvider(int pages) : IRegistrationProvider<int>
    {
        private readonly Lock _lock = new();

        public int Used { get; private set; }

        public bool RefusesAll { get; set; }

        public int Register(AddressRange range)
        {
            int count = (int)((range.Last - range.Start + 1) / Page);
            if (RefusesAll)
                throw new InvalidOperationException("no");
            lock (_lock)
            {
                if (Used + count > pages)
                    throw new NotSupportedException($"{pages} pages are all there are");
                Used += count;
            }

            return count;
        }

        public bool IsShortage(Exception exception) => exception is NotSupportedException;

        public void Release(int registration, AddressRange range)
        {
            lock (_lock)
                Used -= registration;
        }
    }
}
