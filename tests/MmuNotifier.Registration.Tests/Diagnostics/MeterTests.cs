using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MmuNotifier.Registration.Tests;

public sealed class MeterTests : CacheTest
{
    private readonly string _name = $"meter {Guid.NewGuid()}";
    private readonly ConcurrentDictionary<string, long> _numbers = new();
    private readonly ConcurrentQueue<double> _drains = [];

    [Fact]
    public void Listener_reads_what_the_metrics_say()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { Name = _name });
        using MeterListener listener = Listen();
        GetAndPut(cache, Pages(1, 4)); // Misses.
        GetAndPut(cache, Pages(1, 4));
        GetAndPut(cache, Pages(1, 4));
        GetAndPut(cache, Pages(8, 2)); // Misses.
        Watch.Announce(Pages(1, 1), InvalidationEvent.Unmap);
        Watch.Announce(Pages(9, 1), InvalidationEvent.Clear);
        GetAndPut(cache, Pages(16, 1)); // Misses, and hears of both.
        Watch.Changes = _ => true;
        GetAndPut(cache, Pages(32, 1)); // Misses, and is not kept.
        Watch.Changes = _ => false;
        Provider.OnRegister = _ =>
        {
            Provider.OnRegister = null;
            Watch.Announce(Pages(64, 1));
        };
        GetAndPut(cache, Pages(64, 1)); // Misses, is registered twice.
        cache.Remove(Pages(64, 1));
        AwaitThat(() => cache.Metrics.Registrations == 1);
        listener.RecordObservableInstruments();

        Assert.Equal(2, _numbers["hits"]);
        Assert.Equal(5, _numbers["misses"]);
        Assert.Equal(1, _numbers["uncached"]);
        Assert.Equal(1, _numbers["stale_prevented"]);
        Assert.Equal(1, _numbers["invalidations unmap"]);
        Assert.Equal(1, _numbers["invalidations clear"]);
        Assert.DoesNotContain("invalidations migrate", _numbers.Keys);
        Assert.Equal(1, _numbers["retirements removed"]);
        Assert.Equal(1, _numbers["registrations"]);
        Assert.Equal((long)Page, _numbers["registered_bytes"]);
        Assert.DoesNotContain("watch_failures", _numbers.Keys);
        Assert.Equal(3, _drains.Count);
        Assert.All(_drains, seconds => Assert.InRange(seconds, 0, 60));
        Assert.Equal(cache.Metrics.Drains, _drains.Count);
    }

    [Fact]
    public void Disposed_cache_is_not_published_any_more()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { Name = _name });
        using MeterListener listener = Listen();
        cache.Dispose();
        listener.RecordObservableInstruments();
        Assert.Empty(_numbers);
    }

    private MeterListener Listen()
    {
        const string prefix = "mmunotifier.registration.";
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == RegistrationCacheMetrics.MeterName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags[0].Value as string == _name)
                _numbers[string.Join(' ', [instrument.Name[prefix.Length..], .. tags[1..].ToArray().Select(tag => tag.Value)])] = value;
        });
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (tags[0].Value as string == _name)
                _drains.Enqueue(value);
        });
        listener.Start();
        return listener;
    }
}
