using System.Diagnostics;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>Our cache over the real watch.</summary>
internal sealed class OurSide(bool verifyOnHit, bool assumesNoForeignRemap) : ISide
{
    private readonly Regions _regions = new();
    private readonly Unmapping _unmapping = new();
    private LinuxMemoryWatch? _watch;
    private CachedRegions? _cached;

    public string Title => verifyOnHit ? "ours, VerifyOnHit" : assumesNoForeignRemap ? "ours, AssumeNoForeignRemap" : "ours";

    private LinuxMemoryWatch Watch
    {
        get
        {
            _watch ??= new LinuxMemoryWatch(
                new AddressSpace(), new LinuxMemoryWatchOptions { AssumeNoForeignRemap = assumesNoForeignRemap });
            return _watch.Failure is { } failure ? throw new InvalidOperationException(failure) : _watch;
        }
    }

    private CachedRegions Cached => _cached ??= new CachedRegions(Watch, _regions, verifyOnHit);

    public double? Answer(string question, ReadOnlySpan<double> arguments) => question switch
    {
        Question.Hit => Hit((int)arguments[0], (int)arguments[1], TimeSpan.FromMilliseconds(arguments[2]), inOrder: false),
        Question.HitInOrder => Hit((int)arguments[0], (int)arguments[1], TimeSpan.FromMilliseconds(arguments[2]), inOrder: true),
        Question.HitBytes => HitBytes((int)arguments[0]),
        Question.ShareCaughtUp => Share((int)arguments[0], (int)arguments[1], TimeSpan.FromMilliseconds(arguments[2])),
        Question.CaughtUp => CaughtUp((int)arguments[0]),
        Question.Miss => Miss((int)arguments[0]),
        Question.Unmap => _unmapping.Measure((int)arguments[0], prepare: null),
        Question.UnmapWatched => UnmapWatched((int)arguments[0]),
        Question.End => End(),
        _ => null,
    };

    private double Hit(int count, int threads, TimeSpan duration, bool inOrder)
    {
        Cached.Fill(count);
        return TimedSlices.Run(
            duration,
                [.. Enumerable.Range(0, threads).Select(thread => inOrder ? Cached.SliceInOrder(count) : Cached.Slice(thread, count))]);
    }

    /// <summary>
    /// The median of the slices: what the runtime allocates once on this thread, and what another thread makes it do, is in a few of them.
    /// </summary>
    private double HitBytes(int count)
    {
        Cached.Fill(count);
        Action slice = Cached.Slice(0, count);
        slice();
        var bytes = new double[100];
        for (int i = 0; i < bytes.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            slice();
            bytes[i] = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / TimedSlices.Length;
        }

        return Spread.Of(bytes).Median;
    }

    /// <summary>A cache of its own over a watch that counts.</summary>
    private double Share(int count, int threads, TimeSpan duration)
    {
        var watch = new CountingWatch(Watch);
        using var cached = new CachedRegions(watch, _regions, verifyOnHit);
        cached.Fill(count);
        long hits = cached.Cache.Metrics.Hits;
        long catchUps = watch.CatchUps;
        TimedSlices.Run(duration, [.. Enumerable.Range(0, threads).Select(thread => cached.Slice(thread, count))]);
        return 100.0 * (watch.CatchUps - catchUps) / (cached.Cache.Metrics.Hits - hits);
    }

    private double CaughtUp(int count)
    {
        Cached.Fill(1000);
        return Each(count, i =>
        {
            Memory.Unmap(Memory.Map(0, Memory.Page, Memory.ReadWrite, 0), Memory.Page);
            return (Cached.Cache, _regions[(ulong)i % 1000]);
        });
    }

    private double Miss(int count)
    {
        Cached.Fill(1); // So the mapping is watched already.
        using var empty = new RegistrationCache<ulong>(Watch, new KeyProvider());
        CachedRegions.Touch(empty, _regions[Regions.Most - 1]);
        return Each(count, i => (empty, _regions[(ulong)i]));
    }

    private static double Each(int count, Func<int, (RegistrationCache<ulong> Cache, AddressRange Range)> prepare)
    {
        var times = new long[count];
        for (int i = 0; i < count; i++)
        {
            (RegistrationCache<ulong> cache, AddressRange range) = prepare(i);
            long before = Stopwatch.GetTimestamp();
            CachedRegions.Touch(cache, range);
            times[i] = Stopwatch.GetTimestamp() - before;
        }

        return Percentiles.Of(times).P50;
    }

    private double UnmapWatched(int count)
    {
        RegistrationCache<ulong> cache = Cached.Cache;
        return _unmapping.Measure(count, range => CachedRegions.Touch(cache, range));
    }

    private double End()
    {
        _cached?.Dispose();
        _watch?.Dispose();
        _cached = null;
        _watch = null;
        return 0;
    }
}
