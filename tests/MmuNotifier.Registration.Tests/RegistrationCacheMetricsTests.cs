using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MmuNotifier.Registration.Tests;

public sealed class RegistrationCacheMetricsTests : CacheTest
{
    [Fact]
    public void Meter_publishes_what_the_cache_counts()
    {
        ConcurrentDictionary<string, double> seen = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == RegistrationCacheMetrics.MeterName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.Length > 0 && Equals(tags[0], new KeyValuePair<string, object?>("mmunotifier.cache.name", "metrics")))
                seen[tags.Length > 1 ? $"{instrument.Name} {tags[1].Value}" : instrument.Name] = value;
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();

        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { Name = "metrics" });
        for (int i = 0; i < 3; i++)
            GetAndPut(cache, Pages(1, 2));
        Watch.Announce(Pages(1, 1));
        GetAndPut(cache, Pages(1, 2));
        // The thread that releases counts the drain first, and then publishes its duration.
        AwaitThat(() => cache.Metrics.Drains == 1 && seen.ContainsKey("mmunotifier.registration.drain.duration"));
        listener.RecordObservableInstruments();

        Assert.Equal(2, seen["mmunotifier.registration.hits"]);
        Assert.Equal(2, seen["mmunotifier.registration.misses"]);
        Assert.Equal(1, seen["mmunotifier.registration.invalidations unmap"]);
        Assert.Equal(1, seen["mmunotifier.registration.registrations"]);
        Assert.Equal(2 * Page, seen["mmunotifier.registration.registered_bytes"]);
        Assert.True(seen["mmunotifier.registration.drain.duration"] >= 0);
        Assert.DoesNotContain("mmunotifier.registration.watch_failures", seen.Keys);
        Assert.DoesNotContain(0, seen.Where(each => !each.Key.Contains("duration", StringComparison.Ordinal)).Select(each => each.Value));
        Assert.True(cache.Metrics.LongestDrainTime <= cache.Metrics.DrainTime);
    }
}
