using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>The instruments of the engine in one meter, which all address spaces of a meter factory share.</summary>
internal sealed class EngineInstruments
{
    private const string Prefix = "mmunotifier.";

    private static readonly ConditionalWeakTable<IMeterFactory, EngineInstruments> s_byFactory = [];

    private readonly Lock _lock = new();

    /// <summary>Guarded by the lock. Those that are gone are dropped when the list has doubled.</summary>
    private readonly List<WeakReference<AddressSpace>> _spaces = [];
    private int _dropAt = 64;

    private EngineInstruments(Meter meter)
    {
        var times = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10] };
        CallbackTime = meter.CreateHistogram(
            Prefix + "invalidation.callback.duration",
            "s",
            "From the start of an invalidation until all callbacks have returned, by mmunotifier.invalidation.event.",
            tags: null,
            times);
        WaitTime = meter.CreateHistogram(
            Prefix + "wait.duration",
            "s",
            "Waits, by mmunotifier.wait.kind: read_section (for the end of invalidations), removal (for calls that run), release.",
            tags: null,
            times);
        Retries = meter.CreateCounter<long>(
            Prefix + "read_section.retries", "{retry}", "Checks of read sections that said: throw away what was collected.");
        Failures = meter.CreateCounter<long>(
            Prefix + "callback.failures", "{failure}", "Exceptions of user code that no caller could get (CallbackFailed).");
        meter.CreateObservableUpDownCounter(
            Prefix + "invalidation.active", CountActive, "{invalidation}", "Invalidations that have started and not ended.");
    }

    public static EngineInstruments Shared { get; } = new(new Meter(AddressSpace.MeterName));

    public Histogram<double> CallbackTime { get; }

    public Histogram<double> WaitTime { get; }

    public Counter<long> Retries { get; }

    public Counter<long> Failures { get; }

    public static EngineInstruments Of(IMeterFactory? factory) => factory is null
        ? Shared
        : s_byFactory.GetValue(factory, each => new EngineInstruments(each.Create(AddressSpace.MeterName)));

    public void Add(AddressSpace space)
    {
        lock (_lock)
        {
            if (_spaces.Count >= _dropAt)
            {
                _spaces.RemoveAll(each => !each.TryGetTarget(out _));
                _dropAt = Math.Max(64, _spaces.Count * 2);
            }

            _spaces.Add(new WeakReference<AddressSpace>(space));
        }
    }

    private IEnumerable<Measurement<long>> CountActive()
    {
        var spaces = new List<AddressSpace>();
        lock (_lock)
        {
            foreach (WeakReference<AddressSpace> each in _spaces)
            {
                if (each.TryGetTarget(out AddressSpace? space))
                    spaces.Add(space);
            }
        }

        return spaces.GroupBy(space => space.Metrics.Name)
            .Select(group => new Measurement<long>(group.Sum(space => (long)space.Active.Count), SpaceMetrics.TagsOf(group.Key)));
    }
}
