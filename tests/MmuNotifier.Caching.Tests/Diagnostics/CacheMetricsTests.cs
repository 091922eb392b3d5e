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
                if (name == "cache.name")
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
}
