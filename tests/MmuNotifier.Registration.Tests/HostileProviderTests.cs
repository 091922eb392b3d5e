using System.Collections.Concurrent;

namespace MmuNotifier.Registration.Tests;

/// <summary>
/// Threads that get, remove, change memory and end leases, on a provider that throws, takes its time and uses the cache itself. Whatever
/// happens, each registration is released once and not in use, and nothing waits for ever.
/// </summary>
public sealed class HostileProviderTests
{
    private const int Pages = 16;
    private const ulong PageBytes = 4096;

    private readonly TestWatch _watch = new();

    public static TheoryData<int, long, bool, bool> Settings => new()
    {
        // MaxCount, MaxBytes, ExclusiveRanges, the watch fails in the middle.
        { 1 << 20, long.MaxValue, false, false },
        { 1, long.MaxValue, false, false },
        { int.MaxValue, 1, false, false },
        { 4, 8 * (long)PageBytes, true, false },
        { 1 << 20, long.MaxValue, false, true },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Each_registration_is_released_once_and_not_in_use(int maxCount, long maxBytes, bool isExclusive, bool fails)
    {
        var provider = new HostileProvider();
        var cache = new RegistrationCache<HostileProvider.Registration>(
            _watch,
            provider,
            new RegistrationCacheOptions
            {
                MaxCount = maxCount,
                MaxBytes = maxBytes,
                ExclusiveRanges = isExclusive,
                DrainTimeout = Patience.Limit,
            });
        provider.Cache = cache;
        RunAll(Enumerable.Range(0, 4).Select(seed => (Action)(() => Use(cache, new Random(seed), 3000, fails))));
        cache.Dispose();
        Patience.Until(() => provider.Living == 0, "everything is released");
        Assert.Empty(provider.Faults);
        Patience.Until(() => _watch.Watched == 0, "nothing is watched");
        Assert.Throws<ObjectDisposedException>(() => cache.Get(Range(new Random(1))));
    }

    [Fact]
    public void Threads_that_are_interrupted_leave_nothing_behind()
    {
        var provider = new HostileProvider();
        var cache = new RegistrationCache<HostileProvider.Registration>(
            _watch, provider, new RegistrationCacheOptions { MaxCount = 6, DrainTimeout = Patience.Limit });
        provider.Cache = cache;
        int running = 3;
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 3000; i++)
            {
                try
                {
                    Use(cache, random, 1, fails: false);
                }
                catch (ThreadInterruptedException)
                {
                }
            }

            Interlocked.Decrement(ref running);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        var pick = new Random(7);
        while (Volatile.Read(ref running) > 0)
        {
            threads[pick.Next(threads.Length)].Interrupt();
            Thread.SpinWait(pick.Next(20_000));
        }

        Array.ForEach(threads, thread => Assert.True(thread.Join(Patience.Limit)));
        cache.Dispose();
        Patience.Until(() => provider.Living == 0, "everything is released");
        Assert.Empty(provider.Faults);
    }

    [Fact]
    public void Release_that_gets_and_puts_what_is_not_kept_does_not_call_itself_inside_itself()
    {
        int depth = 0;
        int deepest = 0;
        int releases = 0;
        RegistrationCache<Pin>? cache = null;
        var provider = new PinProvider();
        provider.OnRelease = _ =>
        {
            deepest = Math.Max(deepest, ++depth);
            if (Interlocked.Increment(ref releases) < 200)
                cache!.Get(AddressRange.FromLength(PageBytes, PageBytes)).Dispose();
            depth--;
        };
        _watch.Changes = _ => true; // Nothing is kept.
        using (cache = new RegistrationCache<Pin>(_watch, provider))
        {
            cache.Get(AddressRange.FromLength(PageBytes, PageBytes)).Dispose();
            Patience.Until(() => Volatile.Read(ref releases) >= 200, "the chain ends");
            Patience.Until(() => provider.Living == 0, "everything is released");
        }

        Assert.InRange(deepest, 1, 2);
    }

    private static AddressRange Range(Random random)
    {
        int first = random.Next(Pages);
        return AddressRange.FromLength((ulong)(1 + first) * PageBytes, (ulong)random.Next(1, Pages - first + 1) * PageBytes);
    }

    private void Use(RegistrationCache<HostileProvider.Registration> cache, Random random, int rounds, bool fails)
    {
        for (int i = 0; i < rounds; i++)
        {
            try
            {
                switch (random.Next(10))
                {
                    case 0:
                        cache.Remove(Range(random));
                        break;
                    case 1:
                        _watch.Announce(Range(random));
                        break;
                    case 2:
                        _watch.Report(Range(random));
                        break;
                    default:
                        using (RegistrationLease<HostileProvider.Registration> lease = cache.Get(Range(random)))
                            lease.Registration.Use();
                        break;
                }
            }
            catch (Exception exception) when (exception is NotSupportedException or RegistrationOverlapException)
            {
            }

            if (fails && i == rounds / 2)
                _watch.Failure = "gone";
        }
    }

    private static void RunAll(IEnumerable<Action> bodies)
    {
        ConcurrentQueue<Exception> failures = [];
        Thread[] threads = [.. bodies.Select(body => new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception exception)
            {
                failures.Enqueue(exception);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.True(thread.Join(Patience.Limit)));
        Assert.Empty(failures);
    }

    internal sealed class HostileProvider : IRegistrationProvider<HostileProvider.Registration>
    {
        private int _living;

        public RegistrationCache<Registration>? Cache { get; set; }

        public ConcurrentQueue<string> Faults { get; } = [];

        public int Living => Volatile.Read(ref _living);

        public Registration Register(AddressRange range)
        {
            Random random = Random.Shared;
            if (random.Next(20) == 0)
                throw new NotSupportedException("refused");
            if (random.Next(50) == 0)
                Cache!.Remove(range);
            if (random.Next(50) == 0)
                TryGet(random);
            Thread.SpinWait(random.Next(200));
            Interlocked.Increment(ref _living);
            return new Registration(Faults);
        }

        public bool IsShortage(Exception exception) => Random.Shared.Next(2) == 0;

        public void Release(Registration registration, AddressRange range)
        {
            registration.Release();
            Interlocked.Decrement(ref _living);
            Random random = Random.Shared;
            switch (random.Next(30))
            {
                case 0:
                    throw new InvalidOperationException("busy");
                case 1:
                    Thread.Sleep(1);
                    break;
                case 2:
                    Cache!.Remove(range);
                    break;
                case 3:
                    TryGet(random);
                    break;
            }
        }

        private void TryGet(Random random)
        {
            try
            {
                Cache!.Get(Range(random)).Dispose();
            }
            catch (Exception exception) when (exception is NotSupportedException or RegistrationOverlapException or ObjectDisposedException)
            {
            }
        }

        internal sealed class Registration(ConcurrentQueue<string> faults)
        {
            private int _users;
            private int _releases;

            public void Use()
            {
                Interlocked.Increment(ref _users);
                if (Volatile.Read(ref _releases) > 0)
                    faults.Enqueue("used although it is released");
                Thread.SpinWait(20);
                if (Volatile.Read(ref _releases) > 0)
                    faults.Enqueue("released in use");
                Interlocked.Decrement(ref _users);
            }

            public void Release()
            {
                if (Interlocked.Increment(ref _releases) > 1)
                    faults.Enqueue("released twice");
                if (Volatile.Read(ref _users) > 0)
                    faults.Enqueue("released in use");
            }
        }
    }
}
