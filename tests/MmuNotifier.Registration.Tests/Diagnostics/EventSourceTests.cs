using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace MmuNotifier.Registration.Tests;

public sealed class EventSourceTests : CacheTest
{
    private readonly string _name = $"events {Guid.NewGuid()}";

    [Fact]
    public void Listener_hears_of_a_cache_its_registrations_and_its_problems()
    {
        using var listener = new Listener();
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { Name = _name });
        GetAndPut(cache, Pages(1, 2));
        GetAndPut(cache, Pages(1, 2));
        Watch.Announce(Pages(2, 1));
        GetAndPut(cache, Pages(8, 1));
        AwaitThat(() => cache.Metrics.Registrations == 1);
        Provider.OnRelease = _ => throw new InvalidOperationException("busy");
        cache.Dispose();

        Assert.Equal(
            [
                "CacheMade", "Registered 0x1000 0x2fff", "Registered 0x8000 0x8fff", "Released 0x1000 0x2fff",
                "Problem ReleaseFailed", "Released 0x8000 0x8fff", "CacheEnded",
            ],
            listener.EventsOf(_name).OrderBy(each => each, new Order()));
    }

    [Fact]
    public void Counters_are_told_every_interval_and_an_ended_cache_stays_in_them()
    {
        using var listener = new Listener();
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { Name = _name });
        // The first interval begins when the runtime's thread has read every counter once, a while after the listener was there.
        AwaitThat(() => listener.LastOf("hits") is not null);
        for (int i = 0; i < 100; i++)
            GetAndPut(cache, Pages(1, 1));
        using RegistrationLease<Pin> kept = cache.Get(Pages(16, 3));
        AwaitThat(() => listener.SumOf("hits") >= 99 && listener.SumOf("misses") >= 2);
        AwaitThat(() => listener.LastOf("registered-bytes") >= 4 * Page);
        Watch.Announce(Pages(1, 1), InvalidationEvent.Clear);
        GetAndPut(cache, Pages(32, 1));
        AwaitThat(() => listener.SumOf("invalidations-clear") >= 1);
        AwaitThat(() => listener.LastOf("drain-time") is not null);
        kept.Dispose();
        cache.Dispose();
        listener.Clear();
        AwaitThat(() => listener.LastOf("hits") is not null);
        Assert.True(listener.SumOf("hits") >= 0);
    }

    /// <summary>A release may come before or after the registration that it makes room for.</summary>
    private sealed class Order : IComparer<string>
    {
        private static readonly string[] s_kinds = ["CacheMade", "Registered", "Released 0x1", "Problem", "Released", "CacheEnded"];

        public int Compare(string? x, string? y) => Rank(x!).CompareTo(Rank(y!));

        private static int Rank(string text) => Array.FindIndex(s_kinds, kind => text.StartsWith(kind, StringComparison.Ordinal));
    }

    private sealed class Listener : EventListener
    {
        private readonly ConcurrentQueue<EventWrittenEventArgs> _events = [];

        public IEnumerable<string> EventsOf(string cache) =>
            from each in _events
            where each.EventId > 0 && each.Payload![0] as string == cache
            select string.Join(' ', [each.EventName, .. each.Payload!.Skip(1).Take(each.EventName == "Problem" ? 1 : 2).Select(Text)]);

        public void Clear() => _events.Clear();

        public double SumOf(string counter) => ValuesOf(counter, "Increment").Sum();

        public double? LastOf(string counter) => ValuesOf(counter, "Mean", "Increment").Select(value => (double?)value).LastOrDefault();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == RegistrationCacheMetrics.EventSourceName)
            {
                var arguments = new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "0.1" };
                EnableEvents(eventSource, EventLevel.Verbose, EventKeywords.All, arguments);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => _events?.Enqueue(eventData);

        private static string Text(object? value) => value is ulong address ? $"0x{address:x}" : $"{value}";

        private IEnumerable<double> ValuesOf(string counter, params string[] keys) =>
            from each in _events
            where each.EventName == "EventCounters"
            let payload = (IDictionary<string, object?>)each.Payload![0]!
            where (string)payload["Name"]! == counter
            let key = Array.Find(keys, payload.ContainsKey)
            where key is not null
            select (double)payload[key]!;
    }
}
