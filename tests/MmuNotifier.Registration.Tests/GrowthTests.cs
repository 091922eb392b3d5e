namespace MmuNotifier.Registration.Tests;

/// <summary>What a call costs after many changes, in calls of the watch and of the provider: nothing here measures time.</summary>
public sealed class GrowthTests
{
    private const ulong Page = 4096;

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public void Get_after_many_changes_makes_as_many_calls_as_after_none(int changes)
    {
        using var watch = new CountingWatch();
        var provider = new CountingProvider();
        using var cache = new RegistrationCache<int>(watch, provider);
        for (int i = 0; i < changes; i++)
            cache.Get(At(i)).Dispose();
        for (int i = 0; i < changes; i++)
            watch.Inner.Announce(At(i));
        watch.CountOnThisThread();
        provider.CountOnThisThread();
        cache.Get(At(1_000_000)).Dispose();
        Assert.InRange(watch.Calls, 1, 8);
        Assert.Equal(1, provider.Calls);
        Patience.Until(() => cache.Metrics.Registrations == 1, "what the changes took out is released");
        Assert.Equal((changes + 1L, (long)changes, 1), (provider.Registered, provider.Released, watch.Inner.Watched));
    }

    private static AddressRange At(int index) => AddressRange.FromLength((ulong)(1 + (2 * index)) * Page, Page);

    private sealed class CountingProvider : IRegistrationProvider<int>
    {
        private long _registered;
        private long _released;
        private int _thread;

        public long Registered => Volatile.Read(ref _registered);

        public long Released => Volatile.Read(ref _released);

        public int Calls { get; private set; }

        public void CountOnThisThread() => _thread = Environment.CurrentManagedThreadId;

        public int Register(AddressRange range)
        {
            Count();
            return (int)Interlocked.Increment(ref _registered);
        }

        public void Release(int registration, AddressRange range)
        {
            Count();
            Interlocked.Increment(ref _released);
        }

        private void Count() => Calls += Environment.CurrentManagedThreadId == _thread ? 1 : 0;
    }

    private sealed class CountingWatch : IMemoryWatch
    {
        private int _thread;

        public TestWatch Inner { get; } = new();

        public int Calls { get; private set; }

        public AddressSpace Space => Inner.Space;

        public string? Failure => Inner.Failure;

        public ulong Stamp => Inner.Stamp;

        public void CountOnThisThread() => _thread = Environment.CurrentManagedThreadId;

        public ulong CatchUp()
        {
            Count();
            return Inner.CatchUp();
        }

        public bool TryWatch(AddressRange range)
        {
            Count();
            return Inner.TryWatch(range);
        }

        public void Unwatch(AddressRange range)
        {
            Count();
            Inner.Unwatch(range);
        }

        public bool IsChanging(AddressRange range)
        {
            Count();
            return Inner.IsChanging(range);
        }

        public void Arm(AddressRange range) => Inner.Arm(range);

        public bool IsIntact(AddressRange range) => Inner.IsIntact(range);

        public void Dispose() => Inner.Dispose();

        private void Count() => Calls += Environment.CurrentManagedThreadId == _thread ? 1 : 0;
    }
}
