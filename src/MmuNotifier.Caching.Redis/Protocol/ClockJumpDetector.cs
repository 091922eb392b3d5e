namespace MmuNotifier.Caching.Redis;

/// <summary>
/// Detects that the wall clock and the monotonic clock have moved apart. Either somebody has set the wall clock, or the machine was
/// suspended while its monotonic clock stood still. In the second case a lease lasted longer than it seemed, so in both the node forgets
/// everything.
/// </summary>
internal sealed class ClockJumpDetector(TimeProvider provider, TimeSpan tolerance)
{
    private long _timestamp = provider.GetTimestamp();
    private DateTimeOffset _wall = provider.GetUtcNow();

    /// <summary>Whether the clocks have moved apart since the previous call. One thread at a time.</summary>
    public bool HasJumped(out TimeSpan difference)
    {
        long timestamp = provider.GetTimestamp();
        DateTimeOffset wall = provider.GetUtcNow();
        difference = wall - _wall - provider.GetElapsedTime(_timestamp, timestamp);
        (_timestamp, _wall) = (timestamp, wall);
        return difference.Duration() > tolerance;
    }
}
