namespace MmuNotifier.Caching;

/// <summary>
/// Milliseconds that never go back, for ages only. The system's coarse clock where there is no provider of the program's own: a hit reads
/// it.
/// </summary>
internal sealed class CacheClock(TimeProvider provider)
{
    private readonly TimeProvider? _provider = ReferenceEquals(provider, TimeProvider.System) ? null : provider;
    private readonly long _start = provider.GetTimestamp();

    /// <summary>Milliseconds.</summary>
    public long Now => _provider is null ? Environment.TickCount64 : (long)_provider.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>When a time from now has passed; long.MaxValue: never.</summary>
    public long After(TimeSpan? span) =>
        span is not { } given || given == Timeout.InfiniteTimeSpan ? long.MaxValue : Now + (long)Math.Ceiling(given.TotalMilliseconds);
}
