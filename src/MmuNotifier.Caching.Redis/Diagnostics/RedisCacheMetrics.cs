using System.Diagnostics.Metrics;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The meter of a node, <c>MmuNotifier.Caching.Redis</c>. Every instrument has the key prefix as the attribute
/// <c>mmunotifier.cache.name</c>.
/// </summary>
internal sealed class RedisCacheMetrics : IDisposable
{
    public const string MeterName = "MmuNotifier.Caching.Redis";
    private const string Prefix = "mmunotifier.cache.redis.";
    private const string SecondLevelResult = "mmunotifier.cache.second_level.result";
    private const string ForgetReasonName = "mmunotifier.cache.forget.reason";

    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _name;
    private readonly Histogram<double> _delay;
    private readonly Histogram<double> _invalidation;
    private readonly Counter<long> _secondLevel;
    private readonly Counter<long> _forgotten;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _uncached;

    /// <param name="name">The key prefix.</param>
    /// <param name="factory">Makes the meter; null: one of the node's own.</param>
    public RedisCacheMetrics(string name, IMeterFactory? factory)
    {
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _name = new("mmunotifier.cache.name", name);
        _delay = CreateDuration(
            Prefix + "delay",
            "From when Redis had an invalidation of another node until this node had applied it, by Redis's clock as this node knows it.");
        _invalidation = CreateDuration(Prefix + "invalidation.duration", "How long invalidations took.");
        _secondLevel = _meter.CreateCounter<long>(
            Prefix + "second_level", "{value}", $"Values in Redis, by {SecondLevelResult}: hit, miss, refused, failed or stored.");
        _forgotten = _meter.CreateCounter<long>(
            Prefix + "forgotten", "{time}", $"How often everything was forgotten, by {ForgetReasonName}: epoch, gap or clock_jump.");
        _failures = _meter.CreateCounter<long>(Prefix + "failures", "{call}", "Questions for the log that failed.");
        _uncached = _meter.CreateCounter<long>(
            Prefix + "uncached", "{lookup}", "Lookups that loaded alone, without a lease or in a scope.");
    }

    public void NoteDelay(TimeSpan delay) => _delay.Record(delay.TotalSeconds, _name);

    public void NoteInvalidation(TimeSpan duration) => _invalidation.Record(duration.TotalSeconds, _name);

    public void NoteSecondLevel(string result) => _secondLevel.Add(1, _name, new(SecondLevelResult, result));

    public void NoteForgotten(ForgetReason reason) => _forgotten.Add(1, _name, new(ForgetReasonName, TextOf(reason)));

    public void NoteFailure() => _failures.Add(1, _name);

    public void NoteUncached() => _uncached.Add(1, _name);

    public void Dispose() => _meter.Dispose();

    private static string TextOf(ForgetReason reason) => reason switch
    {
        ForgetReason.ClockJump => "clock_jump",
        ForgetReason.Gap => "gap",
        _ => "epoch",
    };

    private Histogram<double> CreateDuration(string name, string description) => _meter.CreateHistogram(
        name,
        "s",
        description,
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] });
}
