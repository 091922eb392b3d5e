namespace MmuNotifier.Tool.Races;

/// <summary>One run of a race: how many changes it shall make, and how many it has made.</summary>
internal sealed class RaceRun(long iterations, CancellationToken stop)
{
    private long _done;

    internal long Iterations => iterations;

    /// <summary>Changes so far. Read by any thread.</summary>
    internal long Done => Volatile.Read(ref _done);

    /// <summary>Whether the race is to end before it has made all changes.</summary>
    internal bool IsStopped => stop.IsCancellationRequested;

    internal void CountOne() => Volatile.Write(ref _done, _done + 1);
}
