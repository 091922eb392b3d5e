using System.Diagnostics;

namespace MmuNotifier.Linux;

/// <summary>poll(2) over several descriptors with a bound on the time.</summary>
internal static unsafe class DescriptorPoll
{
    /// <summary>
    /// Waits until one of the entries has something to report or the time is over; a negative time waits without end. Answers how
    /// many entries have something, zero when the time is over. Signals do not lengthen the wait.
    /// </summary>
    internal static int Wait(Span<PollEntry> entries, int timeoutMilliseconds, out Errno error)
    {
        long begin = Stopwatch.GetTimestamp();
        int left = timeoutMilliseconds;
        fixed (PollEntry* pointer = entries)
        {
            while (true)
            {
                long result = Syscall.PollOnce(pointer, entries.Length, left);
                error = Syscall.ErrorOf(result);
                // Who polls in a loop must not take a processor for as long as the kernel has no memory.
                if (error is not (Errno.None or Errno.Interrupted))
                    Thread.Sleep(1);
                if (error != Errno.Interrupted)
                    return (int)Math.Max(result, 0);
                if (timeoutMilliseconds >= 0)
                    left = (int)Math.Max(0, timeoutMilliseconds - Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
        }
    }
}
