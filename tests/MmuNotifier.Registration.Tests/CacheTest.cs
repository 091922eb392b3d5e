using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace MmuNotifier.Registration.Tests;

/// <summary>
/// A cache of pins on a watch that a test commands. At the end everything must have been released once, and nothing be watched.
/// </summary>
public abstract class CacheTest : IDisposable
{
    private protected const ulong Page = 4096;

    private readonly List<RegistrationCache<Pin>> _caches = [];

    private protected TestWatch Watch { get; } = new();

    private protected PinProvider Provider { get; private set; } = new();

    public virtual void Dispose()
    {
        _caches.ForEach(cache => cache.Dispose());
        Assert.Equal(0, Provider.Living);
        Assert.Equal(0, Watch.Watched);
        GC.SuppressFinalize(this);
    }

    private protected static AddressRange Pages(ulong first, ulong count) => AddressRange.FromLength(first * Page, count * Page);

    private protected RegistrationCache<Pin> Make(RegistrationCacheOptions? options = null, ILogger? logger = null)
    {
        var cache = new RegistrationCache<Pin>(Watch, Provider, options, logger);
        _caches.Add(cache);
        return cache;
    }

    private protected SplittingPinProvider UseSplitting()
    {
        var provider = new SplittingPinProvider();
        Provider = provider;
        return provider;
    }

    /// <summary>Takes a lease and gives it back.</summary>
    private protected static Pin GetAndPut(RegistrationCache<Pin> cache, AddressRange range)
    {
        using RegistrationLease<Pin> lease = cache.Get(range);
        Assert.True(lease.Range.Contains(range));
        Assert.False(lease.Registration.IsReleased);
        return lease.Registration;
    }

    private protected static void AwaitThat(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Patience.Until(condition, what);
}
