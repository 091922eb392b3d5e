namespace MmuNotifier.Tool.Commands;

/// <summary>Decides, from looks at a thread at equal intervals, whether it is caught in a call of the kernel.</summary>
internal sealed class ThreadProgress
{
    /// <summary>
    /// The thread is caught when for so many intervals it has hardly run, though no other kept the processor from it, and has written
    /// nothing: a disk with much to do lets a writer wait for most of the time.
    /// </summary>
    internal const int IntervalsWithoutWork = 16;

    internal const long LeastWorkNanoseconds = 20_000_000;

    private readonly Queue<(long Nanoseconds, long Bytes)> _looks = new();

    /// <summary>Takes the next look.</summary>
    /// <param name="workNanoseconds">How long the thread has run, or waited for a processor, since it began.</param>
    /// <param name="bytesWritten">How much it has written since it began.</param>
    /// <returns>Whether it is caught.</returns>
    internal bool IsCaught(long workNanoseconds, long bytesWritten)
    {
        _looks.Enqueue((workNanoseconds, bytesWritten));
        if (_looks.Count <= IntervalsWithoutWork)
            return false;
        (long nanoseconds, long bytes) = _looks.Dequeue();
        return workNanoseconds - nanoseconds < LeastWorkNanoseconds && bytesWritten == bytes;
    }
}
