using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MmuNotifier.Linux;

/// <summary>
/// What a watch publishes: the meter <c>MmuNotifier.Linux</c>. Changes are counted where they are handled, under the watch's lock, and read
/// when the meter is: a listener is user code and runs under no lock.
/// </summary>
internal sealed class WatchMetrics : IDisposable
{
    private const string Prefix = "mmunotifier.watch.";

    /// <summary>By <see cref="UserfaultEventKind"/>, null for those that no watch gets.</summary>
    private static readonly string?[] s_kinds = KindNames();

    private readonly Meter _meter;
    private readonly Histogram<double> _catchUpTime;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly long[] _changes = new long[s_kinds.Length];
    private long _records;
    private long _giveUps;
    private volatile bool _hasEnded;

    public WatchMetrics(LinuxMemoryWatch watch, IMeterFactory? factory)
    {
        _tags = watch.Space.Name is { } name ? [new("mmunotifier.space.name", name)] : [];
        _meter = factory?.Create(LinuxMemoryWatch.MeterName) ?? new Meter(LinuxMemoryWatch.MeterName);
        _catchUpTime = _meter.CreateHistogram(
            Prefix + "catch_up.duration",
            "s",
            "How long CatchUp took: waits for the reader and for callbacks among it.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10] });
        _meter.CreateObservableCounter(
            Prefix + "changes",
            ReadChanges,
            "{change}",
            "Changes of watched memory, by mmunotifier.watch.change.kind: unmap, remap, duplicate, remove, or record (a new mapping).");
        _meter.CreateObservableCounter(
            Prefix + "give_ups",
            () => Observe(Volatile.Read(ref _giveUps), isSentIfZero: false),
            "{report}",
            "Reports of everything as changed, because events were lost or changes followed each other without a break.");
        _meter.CreateObservableCounter(
            Prefix + "failures",
            () => Observe(watch.HasFailed ? 1 : 0, isSentIfZero: false),
            "{failure}",
            "1 if the watch has failed.");
        _meter.CreateObservableUpDownCounter(
            Prefix + "ranges", () => Observe(watch.WatchedRangeCount, isSentIfZero: true), "{range}", "Ranges that are watched.");
    }

    /// <summary>0 if nobody wants to know.</summary>
    public long BeginCatchUp() => _catchUpTime.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Under no lock.</summary>
    public void EndCatchUp(long begun)
    {
        if (begun == 0)
            return;
        try
        {
            _catchUpTime.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, _tags);
        }
        catch (Exception)
        {
            // A listener's: what has changed is reported all the same.
        }
    }

    /// <summary>Under the watch's lock.</summary>
    public void CountEvent(UserfaultEventKind kind)
    {
        if (s_kinds[(int)kind] is not null)
            _changes[(int)kind]++;
        else if (kind != UserfaultEventKind.PageFault)
            _giveUps++;
    }

    /// <summary>Under the watch's lock.</summary>
    public void CountRecords(int count) => _records += count;

    /// <summary>Under the watch's lock.</summary>
    public void CountGiveUp() => _giveUps++;

    public void Dispose()
    {
        _hasEnded = true; // The meter of a factory lives on.
        _meter.Dispose();
    }

    private Measurement<long>[] Observe(long value, bool isSentIfZero) =>
        _hasEnded || (value == 0 && !isSentIfZero) ? [] : [new Measurement<long>(value, _tags)];

    private IEnumerable<Measurement<long>> ReadChanges()
    {
        for (int kind = 0; kind < s_kinds.Length && !_hasEnded; kind++)
        {
            if (s_kinds[kind] is { } name && Volatile.Read(ref _changes[kind]) is var count and > 0)
                yield return OfKind(name, count);
        }

        if (!_hasEnded && Volatile.Read(ref _records) is var records and > 0)
            yield return OfKind("record", records);
    }

    private Measurement<long> OfKind(string kind, long count) => new(count, [.. _tags, new("mmunotifier.watch.change.kind", kind)]);

    private static string?[] KindNames()
    {
        string?[] names = new string?[(int)UserfaultEventKind.Lost + 1];
        names[(int)UserfaultEventKind.Unmap] = "unmap";
        names[(int)UserfaultEventKind.Remap] = "remap";
        names[(int)UserfaultEventKind.Duplicate] = "duplicate";
        names[(int)UserfaultEventKind.Remove] = "remove";
        return names;
    }
}
