using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Waits a little longer each time: gives way first, then sleeps from 20 microseconds up to a millisecond.</summary>
internal struct Backoff(TimeSpan limit)
{
    private const int Yields = 12;
    private const int LongestSleepMicroseconds = 1000;

    private readonly long _start = Stopwatch.GetTimestamp();
    private int _round;

    internal readonly bool IsOver => Stopwatch.GetElapsedTime(_start) > limit;

    /// <summary>Whether it has given way often enough to sleep now: what is waited for takes long.</summary>
    internal readonly bool IsSleeping => _round > Yields;

    internal void Wait()
    {
        if (_round++ < Yields)
            _ = Syscall.Yield();
        else
            _ = Syscall.Sleep((uint)Math.Min(LongestSleepMicroseconds, 20 << Math.Min(_round - Yields, 6)));
    }
}
