namespace MmuNotifier.Registration;

/// <summary>What all published caches of the process have counted together. Any thread.</summary>
internal sealed class CacheTotals
{
    private readonly Lock _lock = new();
    private readonly List<RegistrationCacheMetrics> _living = [];
    private readonly List<Func<RegistrationCacheMetrics, long>> _growing = [];

    /// <summary>
    /// By place in <see cref="_growing"/>: what caches had counted that have ended. Guarded by the lock, as the caches are.
    /// </summary>
    private readonly List<long> _ended = [];

    public CacheTotals()
    {
        var all = new List<CacheTotal>
        {
            Growing("hits", "Hits", cache => cache.Hits),
            Growing("misses", "Misses", cache => cache.Misses),
            Growing("uncached", "Not kept", cache => cache.Uncached),
            Growing("stale-prevented", "Stale prevented", cache => cache.StalePrevented),
            Growing("kept-rests", "Rests kept at holes", cache => cache.KeptRests),
            new("registrations", "Registrations", "", false, () => Sum(cache => cache.Registrations)),
            new("registered-bytes", "Registered", "B", false, () => Sum(cache => cache.RegisteredBytes)),
        };
        foreach (InvalidationEvent each in Enum.GetValues<InvalidationEvent>())
            all.Add(Growing($"invalidations-{Lower(each)}", $"Invalidations, {each}", cache => cache.GetInvalidationCount(each)));
        foreach (RetirementReason each in Enum.GetValues<RetirementReason>())
            all.Add(Growing($"retirements-{Lower(each)}", $"Taken out, {each}", cache => cache.GetRetirementCount(each)));
        All = all;
    }

    public IReadOnlyList<CacheTotal> All { get; }

    public void Add(RegistrationCacheMetrics cache)
    {
        lock (_lock)
            _living.Add(cache);
    }

    /// <returns>False if it was not there.</returns>
    public bool End(RegistrationCacheMetrics cache)
    {
        lock (_lock)
        {
            if (!_living.Remove(cache))
                return false;
            for (int i = 0; i < _growing.Count; i++)
                _ended[i] += _growing[i](cache);
            return true;
        }
    }

    private CacheTotal Growing(string name, string displayName, Func<RegistrationCacheMetrics, long> read)
    {
        int index = _growing.Count;
        _growing.Add(read);
        _ended.Add(0);
        return new CacheTotal(name, displayName, "", true, () => Sum(read, index));
    }

    private long Sum(Func<RegistrationCacheMetrics, long> read, int ended = -1)
    {
        lock (_lock)
        {
            long sum = ended < 0 ? 0 : _ended[ended];
            foreach (RegistrationCacheMetrics cache in _living)
                sum += read(cache);
            return sum;
        }
    }

    private static string Lower<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();
}
