using System.Diagnostics.Metrics;

namespace MmuNotifier.Caching.Tests.Diagnostics;

public sealed class CacheMetricsTests
{
    [Fact]
    public async Task The_meter_counts_lookups_loads_invalidations_and_retirements()
    {
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = Publish };
        listener.SetMeasurementEventCallback<long>(Count);
        listener.Start();
        using var cache = new CoherentCache(new CoherentCacheOptions { Name = nameof(CacheMetricsTests), SizeLimit = 2 });
        for (int i = 0; i < 3; i++)
        {
            await cache.GetOrLoadAsync($"{i}", _ => ValueTask.FromResult(1), null, ["t"]);
            cache.TryGet($"{i}", out int _);
        }

        await cache.GetOrLoadAsync("x", _ => ValueTask.FromResult(1), new CacheEntryOptions { SkipKeeping = true });
        cache.Set("2", 1);
        cache.Remove("2");
        cache.RemoveByTag("t");
        listener.RecordObservableInstruments();
        Assert.Equal(3, counts["mmunotifier.cache.lookups hit"]);
        Assert.Equal(4, counts["mmunotifier.cache.lookups miss"]);
        Assert.Equal(3, counts["mmunotifier.cache.loads kept"]);
        Assert.Equal(1, counts["mmunotifier.cache.loads not_kept"]);
        Assert.Equal(1, counts["mmunotifier.cache.invalidations key"]);
        Assert.Equal(1, counts["mmunotifier.cache.invalidations tag"]);
        Assert.Equal(1, counts["mmunotifier.cache.retirements evicted"]);
        Assert.Equal(1, counts["mmunotifier.cache.retirements replaced"]);
        Assert.Equal(2, counts["mmunotifier.cache.retirements invalidated"]);
        Assert.Equal(0, counts["mmunotifier.cache.entries "]);

        void Publish(Instrument instrument, MeterListener target)
        {
            if (instrument.Meter.Name == "MmuNotifier.Caching")
                target.EnableMeasurementEvents(instrument);
        }

        void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            string? cacheName = null;
            string result = "";
            foreach ((string name, object? text) in tags)
            {
                if (name == "mmunotifier.cache.name")
                    cacheName = (string?)text;
                else
                    result = (string)text!;
            }

            if (cacheName != nameof(CacheMetricsTests))
                return;
            lock (counts)
                counts[$"{instrument.Name} {result}"] = counts.GetValueOrDefault($"{instrument.Name} {result}") + value;
        }
    }

    [Fact]
    public async Task What_listens_is_called_under_no_lock()
    {
        const string name = nameof(What_listens_is_called_under_no_lock);
        using var cache = new CoherentCache(new CoherentCacheOptions { Name = name, SizeLimit = 2 });
        bool isInside = false;
        int calls = 0;
        using MeterListener listener = Listen(name, () =>
        {
            if (isInside)
                return;
            isInside = true;
            calls++;
            Assert.True(Task.Run(() => cache.Set("k", 1)).Wait(Patience.Limit), "another thread can use the key");
            isInside = false;
        });
        await cache.GetOrLoadAsync("k", _ => ValueTask.FromResult(1), null, ["t"]);
        cache.Set("k", 2, null, ["t"]);
        cache.Remove("k");
        cache.RemoveByTag("t");
        cache.StartInvalidation(CacheName.Key("k")).Dispose();
        Assert.True(calls >= 4);
    }

    [Fact]
    public void What_listens_and_throws_leaves_no_scope_open()
    {
        const string name = nameof(What_listens_and_throws_leaves_no_scope_open);
        using var cache = new CoherentCache(new CoherentCacheOptions { Name = name });
        int calls = 0;
        using (Listen(name, () => _ = ++calls == 2 ? throw new InvalidDataException() : 0))
            Assert.Throws<InvalidDataException>(() => cache.StartInvalidation(CacheName.Key("k"), CacheName.Tag("t")));
        Assert.True(cache.Set("k", 1, null, ["t"]));
    }

    private static MeterListener Listen(string cacheName, Action onMeasurement)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, target) =>
            {
                if (instrument.Meter.Name == "MmuNotifier.Caching")
                    target.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach ((string name, object? text) in tags)
            {
                if (name == "mmunotifier.cache.name" && (string?)text == cacheName)
                    onMeasurement();
            }
        });
        listener.Start();
        return listener;
    }
}
