namespace MmuNotifier.Caching.Redis;

/// <summary>
/// Sees that the wall clock and the monotonic clock have not gone on together: the wall clock was set, or the machine was suspended while
/// its monotonic clock stood still. In the second case a lease was longer than it seemed; so a node forgets everything in both.
/// </summary>
internal sealed class ClockJumpDetector(TimeProvider provider, TimeSpan tolerance)
{
    private long _timestamp = provider.GetTimestamp();
    private DateTimeOffset _wall = provider.GetUtcNow();

    /// <summary>Since the last look. One thread at a time.</summary>
    public bool HasJumped(out TimeSpan difference)
    {
        long timestamp = provider.GetTimestamp();
        DateTimeOffset wall = provider.GetUtcNow();
        difference = wall - _wall - provider.GetElapsedTime(_timestamp, timestamp);
        (_timestamp, _wall) = (timestamp, wall);
        return difference.Duration() > tolerance;
    }
}
