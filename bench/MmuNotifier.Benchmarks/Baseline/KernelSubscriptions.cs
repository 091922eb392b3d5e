namespace MmuNotifier.Benchmarks.Baseline;

/// <summary>
/// The interval half of Linux's <c>mm/mmu_notifier.c</c>, written afresh: one tree, one lock, one sequence for all, edits deferred while a
/// walk may be under way.
/// </summary>
/// <remarks>
/// The sequence says which of three states holds, with the number of active invalidations:
/// even, none active = nobody is excluded; even, some active = partially excluded: they met nobody, the tree may change; odd = fully
/// excluded: the tree is frozen, and edits wait on a list for the last end.
/// </remarks>
internal sealed partial class KernelSubscriptions
{
    private readonly RedBlackIntervalTree _tree = new();
    private readonly object _wakeUp = new();
    private KernelNotifier? _firstDeferred;
    private SpinningLock _lock;
    private long _sequence = 2;
    private long _activeInvalidations;
    private int _waiters;

    internal RedBlackIntervalTree Tree => _tree;

    private bool IsInvalidating => (_sequence & 1) != 0;

    /// <summary>Waits until the sequence is no longer the given one (<c>wait_event</c>).</summary>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    private void WaitWhile(long sequence, CancellationToken giveUp)
    {
        // Counted under the lock under which the last end reads the count: either it sees the waiter, or the waiter the new sequence.
        _lock.Enter();
        _waiters++;
        _lock.Exit();
        try
        {
            lock (_wakeUp)
            {
                while (Volatile.Read(ref _sequence) == sequence)
                {
                    giveUp.ThrowIfCancellationRequested();
                    Monitor.Wait(_wakeUp, millisecondsTimeout: 10); // Bounded only so that giving up is noticed.
                }
            }
        }
        finally
        {
            _lock.Enter();
            _waiters--;
            _lock.Exit();
        }
    }
}
