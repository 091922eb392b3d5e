namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>The system's clocks, with a wall clock that can be set.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _jumpTicks;

    public TimeSpan Jump
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _jumpTicks));
        set => Volatile.Write(ref _jumpTicks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;
}
