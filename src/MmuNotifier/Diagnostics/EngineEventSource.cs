using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace MmuNotifier;

/// <summary>
/// The event source <c>MmuNotifier-Engine</c>: each invalidation (verbose), each wait, each exception of user code that no caller could
/// get. Written under no lock of the engine.
/// </summary>
[EventSource(Name = SourceName)]
internal sealed class EngineEventSource : EventSource
{
    public const string SourceName = "MmuNotifier-Engine";

    public static readonly EngineEventSource Log = new();

    private readonly Lock _lock = new();

    /// <summary>
    /// While somebody wants verbose events: it listens to the instrument that invalidations look at, so that they need no second look.
    /// Guarded by the lock.
    /// </summary>
    private MeterListener? _ear;

    private EngineEventSource()
    {
    }

    public bool IsVerbose => IsEnabled(EventLevel.Verbose, EventKeywords.None);

    /// <summary>Bounds inclusive. All callbacks have returned.</summary>
    [Event(1, Level = EventLevel.Verbose)]
    public void Invalidated(string space, string invalidationEvent, ulong start, ulong last, double microseconds) =>
        WriteEvent(1, space, invalidationEvent, start, last, microseconds);

    [Event(2, Level = EventLevel.Informational)]
    public void Waited(string space, string kind, double milliseconds) => WriteEvent(2, space, kind, milliseconds);

    [Event(3, Level = EventLevel.Error)]
    public void CallbackFailed(string space, string notifier, string message) => WriteEvent(3, space, notifier, message);

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        lock (_lock)
        {
            if (IsVerbose == _ear is not null)
                return;
            if (_ear is null)
            {
                _ear = new MeterListener
                {
                    InstrumentPublished = (instrument, ear) =>
                    {
                        if (instrument.Meter.Name == AddressSpace.MeterName && instrument is Histogram<double>)
                            ear.EnableMeasurementEvents(instrument);
                    },
                };
                _ear.Start();
            }
            else
            {
                _ear.Dispose();
                _ear = null;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _ear?.Dispose();
        base.Dispose(disposing);
    }
}
