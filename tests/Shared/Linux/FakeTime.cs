namespace MmuNotifier.Tests.Shared;

/// <summary>A clock that only the test moves.</summary>
internal sealed class FakeTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    internal void Advance(TimeSpan time) => _ticks += time.Ticks;
}
