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

    private readonly Queue<ThreadCounts> _looks = new();

    /// <summary>Takes the next look.</summary>
    /// <param name="counts">Null if nobody knows: then the thread is not caught.</param>
    /// <returns>Whether it is caught.</returns>
    internal bool IsCaught(ThreadCounts? counts)
    {
        if (counts is not { } now)
            return false;
        _looks.Enqueue(now);
        if (_looks.Count <= IntervalsWithoutWork)
            return false;
        ThreadCounts before = _looks.Dequeue();
        return now.WorkNanoseconds - before.WorkNanoseconds < LeastWorkNanoseconds && now.BytesWritten == before.BytesWritten;
    }
}
