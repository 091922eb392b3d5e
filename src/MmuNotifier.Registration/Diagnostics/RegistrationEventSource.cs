using System.Diagnostics.Tracing;

namespace MmuNotifier.Registration;

/// <summary>
/// The event source <c>MmuNotifier-Registration</c>: what all caches of the process do together, as counters, and what happens to each, as
/// events. Written under no lock, for an <see cref="EventListener"/> runs inside the write.
/// </summary>
[EventSource(Name = SourceName)]
internal sealed class RegistrationEventSource : EventSource
{
    public const string SourceName = "MmuNotifier-Registration";

    public static readonly RegistrationEventSource Log = new();

    private readonly CacheTotals _totals = new();
    private readonly Lock _making = new();

    /// <summary>Made when somebody listens for the first time, then kept: a counter is sampled only while somebody does.</summary>
    private List<DiagnosticCounter>? _counters;
    private EventCounter? _drainTimes;

    private RegistrationEventSource()
    {
    }

    [NonEvent]
    public void Add(RegistrationCacheMetrics cache)
    {
        _totals.Add(cache);
        if (IsEnabled())
            CacheMade(cache.Name);
    }

    [NonEvent]
    public void End(RegistrationCacheMetrics cache)
    {
        if (_totals.End(cache) && IsEnabled())
            CacheEnded(cache.Name);
    }

    [NonEvent]
    public void Drained(TimeSpan time) => Volatile.Read(ref _drainTimes)?.WriteMetric(time.TotalMilliseconds);

    [Event(1, Level = EventLevel.Informational)]
    public void CacheMade(string cache) => WriteEvent(1, cache);

    [Event(2, Level = EventLevel.Informational)]
    public void CacheEnded(string cache) => WriteEvent(2, cache);

    /// <summary>A <see cref="RegistrationProblem"/>.</summary>
    [Event(3, Level = EventLevel.Warning)]
    public void Problem(string cache, string problem, string message) => WriteEvent(3, cache, problem, message);

    /// <summary>Bounds inclusive.</summary>
    [Event(4, Level = EventLevel.Verbose)]
    public void Registered(string cache, ulong start, ulong last) => WriteEvent(4, cache, start, last);

    /// <summary>Bounds inclusive.</summary>
    [Event(5, Level = EventLevel.Verbose)]
    public void Released(string cache, ulong start, ulong last) => WriteEvent(5, cache, start, last);

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command != EventCommand.Enable)
            return;
        lock (_making)
        {
            if (_counters is not null)
                return;
            _counters = [];
            foreach (CacheTotal total in _totals.All)
                _counters.Add(CounterOf(total));
            var drainTimes = new EventCounter("drain-time", this) { DisplayName = "From taken out to released", DisplayUnits = "ms" };
            _counters.Add(drainTimes);
            Volatile.Write(ref _drainTimes, drainTimes);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _counters?.ForEach(counter => counter.Dispose());
        base.Dispose(disposing);
    }

    private DiagnosticCounter CounterOf(CacheTotal total)
    {
        if (!total.Grows)
            return new PollingCounter(total.Name, this, () => total.Read()) { DisplayName = total.DisplayName, DisplayUnits = total.Unit };
        var rate = TimeSpan.FromSeconds(1);
        return new IncrementingPollingCounter(total.Name, this, () => total.Read())
        {
            DisplayName = total.DisplayName,
            DisplayRateTimeScale = rate,
        };
    }
}
