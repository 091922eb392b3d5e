using System.Diagnostics.Metrics;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The meter of a node, <c>MmuNotifier.Caching.Redis</c>. Every instrument has the key prefix as the attribute <c>cache.name</c>.
/// </summary>
internal sealed class RedisCacheMetrics : IDisposable
{
    public const string MeterName = "MmuNotifier.Caching.Redis";
    private const string Prefix = "mmunotifier.cache.redis.";

    private readonly Meter _meter = new(MeterName);
    private readonly KeyValuePair<string, object?> _name;
    private readonly Histogram<double> _delay;
    private readonly Histogram<double> _invalidation;
    private readonly Counter<long> _secondLevel;
    private readonly Counter<long> _forgotten;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _uncached;

    public RedisCacheMetrics(string name)
    {
        _name = new("cache.name", name);
        _delay = _meter.CreateHistogram<double>(
            Prefix + "delay",
            "s",
            "From when Redis had an invalidation of another node until this node had applied it, by Redis's clock as this node knows it.");
        _invalidation = _meter.CreateHistogram<double>(Prefix + "invalidation.duration", "s", "How long invalidations took.");
        _secondLevel = _meter.CreateCounter<long>(
            Prefix + "second_level", "{value}", "Values in Redis, by cache.second_level.result: hit, miss, refused, failed or stored.");
        _forgotten = _meter.CreateCounter<long>(
            Prefix + "forgotten", "{time}", "How often everything was forgotten, by cache.forget.reason: epoch, gap or clockjump.");
        _failures = _meter.CreateCounter<long>(Prefix + "failures", "{call}", "Questions for the log that failed.");
        _uncached = _meter.CreateCounter<long>(
            Prefix + "uncached", "{lookup}", "Lookups that loaded alone, without a lease or in a scope.");
    }

    public void NoteDelay(TimeSpan delay) => _delay.Record(delay.TotalSeconds, _name);

    public void NoteInvalidation(TimeSpan duration) => _invalidation.Record(duration.TotalSeconds, _name);

    public void NoteSecondLevel(string result) => _secondLevel.Add(1, _name, new("cache.second_level.result", result));

    public void NoteForgotten(ForgetReason reason) =>
        _forgotten.Add(1, _name, new("cache.forget.reason", reason.ToString().ToLowerInvariant()));

    public void NoteFailure() => _failures.Add(1, _name);

    public void NoteUncached() => _uncached.Add(1, _name);

    public void Dispose() => _meter.Dispose();
}
