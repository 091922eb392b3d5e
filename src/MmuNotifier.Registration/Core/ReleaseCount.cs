using System.Diagnostics;

namespace MmuNotifier.Registration;

/// <summary>Counts the releases, and lets threads and tasks wait for what a release makes true.</summary>
/// <remarks>
/// Any thread, under no lock. Why no task misses the last release, although a release looks at the monitor only where something waits:
/// <code>
/// wait                                      release
/// waiting + 1, full fence         (1)       (the condition becomes true)
/// the next release, by the lock   (2)       value + 1, full fence          (4)
/// condition?                      (3)       waiting > 0?                   (5)
///                                           take the next release, complete it, by the lock   (6)
/// </code>
/// If (5) reads 0, (1) comes after (4), and (3) sees the condition. Otherwise (6) comes after (2), and completes what the task waits for,
/// or before it, and (3) sees the condition.
/// </remarks>
internal sealed class ReleaseCount
{
    /// <summary>A pulse wakes one waiting thread, perhaps not the one whose condition it made true: each looks again soon.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private readonly WaitMonitor _monitor = new();

    /// <summary>What tasks wait for; null if none does. Guarded by the monitor.</summary>
    private Completion<bool>? _next;

    /// <summary>How many threads and tasks wait.</summary>
    private int _waiting;

    private long _value;

    /// <summary>How many releases there were since the cache was made.</summary>
    public long Value => Volatile.Read(ref _value);

    /// <summary>Wakes one thread and all tasks that wait.</summary>
    public void Increment()
    {
        Interlocked.Increment(ref _value);
        if (Volatile.Read(ref _waiting) == 0)
            return;
        Completion<bool>? completed = null;
        Interruption.Defer(this, each =>
        {
            using (each._monitor.Hold())
            {
                completed = each._next;
                each._next = null;
                each._monitor.Pulse();
            }
        });
        completed?.SetResult(true);
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

    /// <summary>As <see cref="WaitUntil"/>, but blocks no thread.</summary>
    public async ValueTask<bool> WaitUntilAsync(Func<bool> condition, TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task next = NextRelease();
                if (condition())
                    return true;
                TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                    return false;
                await next.WaitAsync(left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Of a time-out.
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private Task<bool> NextRelease()
    {
        using (_monitor.Hold())
            return (_next ??= new Completion<bool>()).Task;
    }
}
