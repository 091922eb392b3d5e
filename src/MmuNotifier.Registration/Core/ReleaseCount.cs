using System.Diagnostics;

namespace MmuNotifier.Registration;

/// <summary>Counts the registrations that were released, and lets threads wait for what a release makes true.</summary>
/// <remarks>Any thread, under no lock. The monitor guards nothing but the wait: the fields are written by interlocked operations.</remarks>
internal sealed class ReleaseCount
{
    /// <summary>A pulse wakes one waiting thread, perhaps not the one whose condition it made true: each looks again soon.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private readonly WaitMonitor _monitor = new();

    /// <summary>How many threads wait.</summary>
    private int _waiting;

    private long _value;

    /// <summary>How many were released since the cache was made.</summary>
    public long Value => Volatile.Read(ref _value);

    /// <summary>Wakes one that waits.</summary>
    public void Increment()
    {
        Interlocked.Increment(ref _value);
        if (Volatile.Read(ref _waiting) == 0)
            return;
        Interruption.Defer(_monitor, static monitor =>
        {
            using (monitor.Hold())
                monitor.Pulse();
        });
    }

    /// <summary>Waits until the condition holds, which releases make true, or the time is over.</summary>
    public bool WaitUntil(Func<bool> condition, TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            using (_monitor.Hold())
            {
                while (!condition())
                {
                    TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
                    if (left <= TimeSpan.Zero)
                        return false;
                    _monitor.Wait(left < LongestWait ? left : LongestWait);
                }

                return true;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
