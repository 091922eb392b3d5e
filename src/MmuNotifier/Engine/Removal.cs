namespace MmuNotifier;

/// <summary>
/// What is left to do for a notifier that was removed: removers that wait, its place among the removals of the space, its place in the
/// queue of the release workers. Made only where there is something left to do. Guarded by the engine lock, the queue by its own.
/// </summary>
internal sealed class Removal(Notifier notifier)
{
    /// <summary>Threads that wait until the last callback has left.</summary>
    public WaiterQueue Waiters;

    public Notifier Notifier { get; } = notifier;

    /// <summary>How many calls of the callback it waits for.</summary>
    public int AwaitedHitCount { get; set; }

    /// <summary>Position among the removals of the space, from 1; for Synchronize.</summary>
    public long Number { get; set; }

    public Removal? PreviousUnreleased { get; set; }

    public Removal? NextUnreleased { get; set; }

    public Removal? NextToRelease { get; set; }

    /// <summary>When it was queued for the release workers, in ticks of their keeper.</summary>
    public long QueuedAt { get; set; }
}
