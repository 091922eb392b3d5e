using System.Diagnostics.Metrics;

namespace MmuNotifier.Caching;

/// <summary>
/// The meter of a cache, <c>MmuNotifier.Caching</c>. Every instrument has the cache's name as the attribute
/// <c>mmunotifier.cache.name</c>. What nobody listens to costs a look.
/// </summary>
internal sealed class CacheMetrics : IDisposable
{
    public const string MeterName = "MmuNotifier.Caching";
    private const string Prefix = "mmunotifier.cache.";

    private readonly Meter? _meter;
    private volatile bool _hasEnded;
    private readonly KeyValuePair<string, object?> _name;
    private readonly Counter<long>? _lookups;
    private readonly Counter<long>? _loads;
    private readonly Counter<long>? _invalidations;

    /// <summary>By reason. Read by the meter: entries are retired under locks, and what listens to a counter is user code.</summary>
    private readonly long[] _retirements = new long[Enum.GetValues<RetirementReason>().Length];

    /// <param name="name">Of the cache.</param>
    /// <param name="cache">Whose entries are counted.</param>
    /// <param name="isPublished">False: there is no meter, and nothing is counted.</param>
    /// <param name="factory">Makes the meter; null: one of the cache's own.</param>
    public CacheMetrics(string name, CoherentCache cache, bool isPublished, IMeterFactory? factory)
    {
        if (!isPublished)
            return;
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _name = new("mmunotifier.cache.name", name);
        _lookups = _meter.CreateCounter<long>(Prefix + "lookups", "{lookup}", "Lookups, by mmunotifier.cache.lookup.result: hit or miss.");
        _loads = _meter.CreateCounter<long>(
            Prefix + "loads", "{load}", "Loads that returned a value, by mmunotifier.cache.load.result: kept, not_kept or collided.");
        _invalidations = _meter.CreateCounter<long>(
            Prefix + "invalidations", "{invalidation}", "Removals and scopes, by mmunotifier.cache.invalidation.kind: key, tag or prefix.");
        _meter.CreateObservableCounter(
            Prefix + "retirements",
            ReadRetirements,
            "{entry}",
            "Values kept no longer, by mmunotifier.retirement.reason: invalidated, replaced, expired or evicted.");
        var target = new WeakReference<CoherentCache>(cache); // The meter lives until it is disposed; the cache need not.
        _meter.CreateObservableUpDownCounter(
            Prefix + "entries", () => Measure(target, each => each.Count), "{entry}", "Values that are kept.");
        _meter.CreateObservableUpDownCounter(
            Prefix + "size", () => Measure(target, each => each.Size), "1", "The sum of their sizes.");
    }

    public void NoteLookup(bool isHit)
    {
        if (_lookups is { Enabled: true })
            _lookups.Add(1, _name, new("mmunotifier.cache.lookup.result", isHit ? "hit" : "miss"));
    }

    public void NoteLoad(CommitResult result)
    {
        if (_loads is { Enabled: true })
        {
            string text = result switch
            {
                CommitResult.Kept => "kept",
                CommitResult.NotKept => "not_kept",
                _ => "collided",
            };
            _loads.Add(1, _name, new("mmunotifier.cache.load.result", text));
        }
    }

    public void NoteInvalidation(CacheNameKind kind)
    {
        if (_invalidations is { Enabled: true })
            _invalidations.Add(1, _name, new("mmunotifier.cache.invalidation.kind", kind.ToString().ToLowerInvariant()));
    }

    public void NoteRetirement(RetirementReason reason) => Interlocked.Increment(ref _retirements[(int)reason]);

    public void Dispose()
    {
        _hasEnded = true;
        _meter?.Dispose();
    }

    /// <summary>None that is still 0, and none of a cache that has ended: the meter of a factory lives on.</summary>
    private IEnumerable<Measurement<long>> ReadRetirements() =>
        from reason in Enum.GetValues<RetirementReason>()
        let count = Interlocked.Read(ref _retirements[(int)reason])
        where count > 0 && !_hasEnded
        select new Measurement<long>(
            count,
            _name,
            new KeyValuePair<string, object?>("mmunotifier.retirement.reason", reason.ToString().ToLowerInvariant()));

    private Measurement<long>[] Measure(WeakReference<CoherentCache> target, Func<CoherentCache, long> read) =>
        !_hasEnded && target.TryGetTarget(out CoherentCache? cache) ? [new Measurement<long>(read(cache), _name)] : [];
}
