namespace MmuNotifier.Caching.Redis;

/// <summary>
/// Until when a node may answer from what it keeps. Every lookup compares the clock itself: a timer that takes a flag away would do so too
/// late in a program that was stopped.
/// </summary>
/// <remarks>
/// The system's coarse clock (CLOCK_MONOTONIC_COARSE) is late by at most a tick of the kernel, 10 ms or less: so the lease ends
/// <see cref="CoarseMargin"/> earlier than it might.
/// </remarks>
internal sealed class NodeLease(TimeProvider provider, TimeSpan duration)
{
    private const long CoarseMargin = 20;

    private readonly TimeProvider? _provider = ReferenceEquals(provider, TimeProvider.System) ? null : provider;
    private readonly long _start = provider.GetTimestamp();
    private long _end = long.MinValue;

    /// <summary>Milliseconds.</summary>
    public long Now => _provider is null ? Environment.TickCount64 : (long)_provider.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>To be looked at before what is kept is read: what is applied before the lease is extended is seen then.</summary>
    public bool IsHeld => Now < Volatile.Read(ref _end);

    /// <summary>After the log is applied up to where the server was when it answered.</summary>
    /// <param name="sentAt">When the question was sent.</param>
    public void Extend(long sentAt)
    {
        long end = sentAt + (long)duration.TotalMilliseconds - (_provider is null ? CoarseMargin : 0);
        if (end > Volatile.Read(ref _end))
            Volatile.Write(ref _end, end);
    }

    public void Drop() => Volatile.Write(ref _end, long.MinValue);
}
