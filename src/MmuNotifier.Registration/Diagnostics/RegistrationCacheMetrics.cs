using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace MmuNotifier.Registration;

/// <summary>
/// What a cache has counted since it was made. The meter <c>MmuNotifier.Registration</c> publishes the same numbers for dotnet-counters and
/// OpenTelemetry, with the cache's name as the attribute <c>mmunotifier.cache.name</c>; it sends no number that is still 0. The event
/// source <c>MmuNotifier-Registration</c> publishes the sums over all caches.
/// </summary>
/// <remarks>Any thread. Each number is read by itself: they are not all of one moment.</remarks>
public sealed class RegistrationCacheMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "MmuNotifier.Registration";

    /// <summary>The name of the event source.</summary>
    public const string EventSourceName = RegistrationEventSource.SourceName;

    private Func<long> _hits;
    private readonly long[] _invalidations = new long[(int)InvalidationEvent.Exclusive + 1];
    private readonly long[] _retirements = new long[(int)RetirementReason.WatchFailed + 1];
    private Meter? _meter;
    private volatile bool _hasEnded;
    private Histogram<double>? _drainTimes;
    private RegistrationEventSource? _events;
    private readonly KeyValuePair<string, object?> _tag;
    private long _misses;
    private long _uncached;
    private long _stalePrevented;
    private long _keptRests;
    private long _registrations;
    private long _registeredBytes;
    private long _drains;
    private long _drainTicks;
    private long _longestDrainTicks;
    private long _watchFailures;

    internal RegistrationCacheMetrics(string name, Func<long> hits)
    {
        Name = name;
        _hits = hits;
        _tag = new("mmunotifier.cache.name", name);
    }

    /// <summary>Of the cache.</summary>
    internal string Name { get; }

    /// <summary>Leases of kept registrations.</summary>
    public long Hits => _hits();

    /// <summary>Calls that found nothing and registered.</summary>
    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Leases of registrations that were not kept: no watch, no room, or a change under way.</summary>
    public long Uncached => Volatile.Read(ref _uncached);

    /// <summary>Registrations that were found changed just when they were about to be used, or kept.</summary>
    public long StalePrevented => Volatile.Read(ref _stalePrevented);

    /// <summary>Registrations of the rest that was left when a hole was made.</summary>
    public long KeptRests => Volatile.Read(ref _keptRests);

    /// <summary>Registrations that are not released yet: kept, in use, or not cached.</summary>
    public long Registrations => Volatile.Read(ref _registrations);

    /// <summary>The bytes that the registrations cover that are not released yet.</summary>
    public long RegisteredBytes => Volatile.Read(ref _registeredBytes);

    /// <summary>Registrations that were taken out and then released.</summary>
    public long Drains => Volatile.Read(ref _drains);

    /// <summary>The time from taken out to released, summed over all <see cref="Drains"/>.</summary>
    public TimeSpan DrainTime => TimeOf(Volatile.Read(ref _drainTicks));

    /// <summary>The longest time from taken out to released.</summary>
    public TimeSpan LongestDrainTime => TimeOf(Volatile.Read(ref _longestDrainTicks));

    /// <summary>1 if the watch has failed, so that nothing is cached any more; otherwise 0.</summary>
    public long WatchFailures => Volatile.Read(ref _watchFailures);

    /// <summary>Kept registrations that were taken out by an invalidation of that kind.</summary>
    /// <param name="invalidationEvent">Why the memory was invalidated.</param>
    public long GetInvalidationCount(InvalidationEvent invalidationEvent) => Volatile.Read(ref _invalidations[(int)invalidationEvent]);

    /// <summary>Kept registrations that were taken out for that reason.</summary>
    /// <param name="reason">Why they were taken out.</param>
    public long GetRetirementCount(RetirementReason reason) => Volatile.Read(ref _retirements[(int)reason]);

    /// <summary>Makes the instruments. Before the cache is used.</summary>
    /// <param name="factory">Makes the meter; null: one of the cache's own.</param>
    internal void Publish(IMeterFactory? factory)
    {
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        Counter("hits", () => Hits, "{lease}", "Leases of kept registrations.");
        Counter("misses", () => Misses, "{registration}", "Registrations made to be kept.");
        Counter("uncached", () => Uncached, "{lease}", "Leases of registrations that were not kept.");
        Counter("stale_prevented", () => StalePrevented, "{registration}", "Found changed when they were about to be used or kept.");
        Counter("kept_rests", () => KeptRests, "{registration}", "Split off when a hole was made.");
        Counter("watch_failures", () => WatchFailures, "{failure}", "1 if the watch has failed.");
        Gauge("registrations", () => Registrations, "{registration}", "Registrations not released yet.");
        Gauge("registered_bytes", () => RegisteredBytes, "By", "What they cover.");
        _meter.CreateObservableCounter(
            Prefix + "invalidations",
            ObserveInvalidations,
            "{registration}",
            "Kept registrations whose memory changed, by mmunotifier.invalidation.event.");
        _meter.CreateObservableCounter(
            Prefix + "retirements",
            ObserveRetirements,
            "{registration}",
            "Kept registrations taken out for other reasons, by mmunotifier.retirement.reason.");
        _drainTimes = _meter.CreateHistogram(
            Prefix + "drain.duration",
            "s",
            "From taken out to released.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10] });
        _events = RegistrationEventSource.Log;
        _events.Add(this);
    }

    internal void NoteMiss() => Interlocked.Increment(ref _misses);

    internal void NoteUncached() => Interlocked.Increment(ref _uncached);

    internal void NoteStalePrevented() => Interlocked.Increment(ref _stalePrevented);

    internal void NoteKeptRest() => Interlocked.Increment(ref _keptRests);

    internal void NoteWatchFailure() => Interlocked.Increment(ref _watchFailures);

    internal void NoteInvalidation(InvalidationEvent invalidationEvent) =>
        Interlocked.Increment(ref _invalidations[(int)invalidationEvent]);

    internal void NoteRetirement(RetirementReason reason) => Interlocked.Increment(ref _retirements[(int)reason]);

    /// <summary>Under no lock.</summary>
    internal void NoteRegistered(AddressRange range)
    {
        Interlocked.Increment(ref _registrations);
        Interlocked.Add(ref _registeredBytes, LengthOf(range));
        if (IsTraced)
            _events!.Registered(Name, range.Start, range.Last);
    }

    /// <summary>Under no lock.</summary>
    internal void NoteReleased(AddressRange range)
    {
        Interlocked.Add(ref _registeredBytes, -LengthOf(range));
        Interlocked.Decrement(ref _registrations);
        if (IsTraced)
            _events!.Released(Name, range.Start, range.Last);
    }

    /// <summary>Under no lock.</summary>
    internal void NoteProblem(RegistrationProblem problem, string message)
    {
        if (_events is not null && _events.IsEnabled())
            _events.Problem(Name, problem.ToString(), message);
    }

    /// <summary>Under no lock.</summary>
    internal void NoteDrain(long retiredAt)
    {
        long ticks = Stopwatch.GetTimestamp() - retiredAt;
        Interlocked.Increment(ref _drains);
        Interlocked.Add(ref _drainTicks, ticks);
        long longest = Volatile.Read(ref _longestDrainTicks);
        while (ticks > longest)
        {
            long seen = Interlocked.CompareExchange(ref _longestDrainTicks, ticks, longest);
            if (seen == longest)
                break;
            longest = seen;
        }

        if (_drainTimes is { Enabled: true })
            _drainTimes.Record(TimeOf(ticks).TotalSeconds, _tag);
        _events?.Drained(TimeOf(ticks));
    }

    /// <summary>Called by the cache.</summary>
    void IDisposable.Dispose()
    {
        // The meter of a factory lives on, with the instruments that ask this object: they get no answer, and reach the cache no more.
        _hasEnded = true;
        long hits = Hits;
        _hits = () => hits;
        _meter?.Dispose();
        _events?.End(this);
    }

    private const string Prefix = "mmunotifier.registration.";

    private bool IsTraced => _events is not null && _events.IsEnabled(EventLevel.Verbose, EventKeywords.None);

    private static long LengthOf(AddressRange range) => (long)(range.Last - range.Start) + 1;

    private static TimeSpan TimeOf(long ticks) => Stopwatch.GetElapsedTime(0, ticks);

    private void Counter(string name, Func<long> read, string unit, string description) =>
        _meter!.CreateObservableCounter(Prefix + name, () => Observe(read(), isSentIfZero: false), unit, description);

    private void Gauge(string name, Func<long> read, string unit, string description) =>
        _meter!.CreateObservableUpDownCounter(Prefix + name, () => Observe(read(), isSentIfZero: true), unit, description);

    private Measurement<long>[] Observe(long value, bool isSentIfZero) =>
        _hasEnded || (value == 0 && !isSentIfZero) ? [] : [new Measurement<long>(value, _tag)];

    private IEnumerable<Measurement<long>> ObserveInvalidations() =>
        from each in Enum.GetValues<InvalidationEvent>()
        where !_hasEnded && GetInvalidationCount(each) > 0
        select new Measurement<long>(
            GetInvalidationCount(each), _tag, new(InvalidationEventTag.Name, InvalidationEventTag.ValueOf(each)));

    private IEnumerable<Measurement<long>> ObserveRetirements() =>
        from each in Enum.GetValues<RetirementReason>()
        where !_hasEnded && GetRetirementCount(each) > 0
        select new Measurement<long>(GetRetirementCount(each), _tag, new("mmunotifier.retirement.reason", ReasonOf(each)));

    private static string ReasonOf(RetirementReason reason) => reason switch
    {
        RetirementReason.NotIntact => "not_intact",
        RetirementReason.WatchFailed => "watch_failed",
        _ => reason.ToString().ToLowerInvariant(),
    };
}
