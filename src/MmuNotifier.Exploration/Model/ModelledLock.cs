using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Model;

/// <summary>
/// A lock with a condition, as the explorer sees it. It belongs to one execution; for the next one it is free again.
/// </summary>
internal sealed class ModelledLock
{
    private static readonly TimeSpan s_lookOutside = TimeSpan.FromMilliseconds(5);

    private long _execution;

    /// <summary>The number of the lock in its execution.</summary>
    public int Number { get; private set; }

    /// <summary>Who holds it; null: nobody.</summary>
    public ControlledThread? Owner { get; set; }

    /// <summary>How often the owner has taken it.</summary>
    public int Depth { get; set; }

    /// <summary>What its last owner had seen.</summary>
    public View Released { get; } = new();

    /// <summary>Who waits for a pulse, first come first served, as in .NET's monitors.</summary>
    public List<ControlledThread> Waiters { get; } = [];

    /// <summary>Outside of schedules nothing is modelled, and no lock is missed.</summary>
    public bool IsHeldByCurrentThread => ControlledThread.Current is not { } thread || IsHeldBy(thread);

    /// <summary>Takes the lock, on whatever thread this is.</summary>
    public void Enter()
    {
        ControlledThread? thread = ControlledThread.Current;
        if (thread is null)
            Execution.RejectForeignThread();
        thread?.Execution.Acquire(thread, this);
    }

    /// <summary>Takes the lock if nobody else has it.</summary>
    public bool TryEnter()
    {
        ControlledThread? thread = ControlledThread.Current;
        if (thread is null)
            Execution.RejectForeignThread();
        return thread?.Execution.TryAcquire(thread, this) ?? false;
    }

    public void Exit()
    {
        ControlledThread? thread = ControlledThread.Current;
        thread?.Execution.Release(thread, this);
    }

    /// <summary>
    /// Outside of schedules (growth is counted there) nothing is modelled, and no pulse comes: a thread of the engine, which waits again
    /// and again, looks every few milliseconds and leaves the processor to others meanwhile.
    /// </summary>
    public bool Wait(TimeSpan timeout)
    {
        if (ControlledThread.Current is { } thread)
            return thread.Execution.Wait(thread, this, isTimed: timeout != Timeout.InfiniteTimeSpan);
        Thread.Sleep(s_lookOutside);
        return false;
    }

    public void Pulse()
    {
        ControlledThread? thread = ControlledThread.Current;
        thread?.Execution.Pulse(thread, this);
    }

    public void AssertHeld(bool isHeld, string message)
    {
        ControlledThread? thread = ControlledThread.Current;
        if (thread is not null && !thread.Execution.IsAbandoned && IsHeldBy(thread) != isHeld)
            thread.Execution.Fail(message);
    }

    public bool BelongsTo(long execution) => _execution == execution;

    /// <summary>Becomes free, in an execution that it does not belong to yet.</summary>
    public void StartAnew(long execution, int number)
    {
        _execution = execution;
        Number = number;
        Owner = null;
        Depth = 0;
        Released.Clear();
        Waiters.Clear();
    }

    private bool IsHeldBy(ControlledThread thread) => BelongsTo(thread.Execution.Number) && Owner == thread;
}
