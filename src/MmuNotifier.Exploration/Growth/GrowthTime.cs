namespace MmuNotifier.Growth;

/// <summary>Time that passes when a row says so, and timers that fire then.</summary>
internal sealed class GrowthTime : TimeProvider
{
    private readonly List<Action> _timers = [];
    private long _milliseconds;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _milliseconds;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Add(() => callback(state));
        return new Timer();
    }

    public void Advance(TimeSpan span) => _milliseconds += (long)span.TotalMilliseconds;

    public void Fire() => _timers.ForEach(static fire => fire());

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
