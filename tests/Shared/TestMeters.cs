using System.Diagnostics.Metrics;

namespace MmuNotifier.Tests.Shared;

/// <summary>Meters that only one test has, and what was measured by them.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener;

    /// <summary>By instrument and the values of its attributes: all that was measured, in order.</summary>
    private readonly Dictionary<string, List<double>> _measured = [];

    public TestMeters()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, this))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
    }

    public List<Instrument> Instruments { get; } = [];

    /// <summary>What the listener does besides.</summary>
    public Action? OnMeasurement { get; set; }

    public List<KeyValuePair<string, object?>> Attributes { get; } = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
        _meters.Add(meter);
        return meter;
    }

    public void Listen() => _listener.Start();

    public void Poll() => _listener.RecordObservableInstruments();

    public List<double> Of(string instrument)
    {
        lock (_lock)
            return [.. _measured.GetValueOrDefault(instrument, [])];
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (OnMeasurement is not null)
        {
            OnMeasurement();
            return;
        }

        string key = instrument.Name;
        lock (_lock)
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                key += $" {tag.Value}";
                Attributes.Add(tag);
            }

            if (!_measured.TryGetValue(key, out List<double>? values))
                _measured[key] = values = [];
            values.Add(value);
            if (!Instruments.Contains(instrument))
                Instruments.Add(instrument);
        }
    }
}
