namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>Time that passes when a race says so.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _milliseconds;

    public override long TimestampFrequency => 1000;

    public void Advance(long milliseconds) => Interlocked.Add(ref _milliseconds, milliseconds);

    public override long GetTimestamp() => Interlocked.Read(ref _milliseconds);
}
