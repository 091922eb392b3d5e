using System.Diagnostics;

namespace MmuNotifier.Processes;

/// <summary>
/// Shows a thread that commits a copy of a target's memory that events are being read and handled. Reading an event lets the target proceed
/// before anybody has acted on it, and the address may be mapped again at once; so a copy counts only if no event was read since it began
/// and none is being handled.
/// </summary>
/// <remarks>
/// One thread, the event reader, enters and leaves; the value is odd in between. A committer that takes an even value before it copies and
/// finds the same one under its lock knows that every event read before the copy has become an invalidation by then, and the
/// engine's read section covers those.
/// </remarks>
internal sealed class EventFence
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    private long _value;

    /// <summary>The reader is about to read events. A full barrier: nobody may see an event's effect and the old value.</summary>
    internal void Enter() => Interlocked.Increment(ref _value);

    /// <summary>All events read since <see cref="Enter"/> have become invalidations.</summary>
    internal void Leave() => Interlocked.Increment(ref _value);

    /// <summary>The value to compare with at the commit; waits a moment for events that are being handled.</summary>
    /// <returns>False if they still are: a copy made now could not be committed.</returns>
    internal bool TryObserve(out long observed)
    {
        var spin = new SpinWait();
        long begin = Stopwatch.GetTimestamp();
        while (((observed = Volatile.Read(ref _value)) & 1) != 0)
        {
            if (Stopwatch.GetElapsedTime(begin) > Patience)
                return false;
            spin.SpinOnce();
        }

        return true;
    }

    internal bool IsUnchangedSince(long observed) => Volatile.Read(ref _value) == observed;
}
