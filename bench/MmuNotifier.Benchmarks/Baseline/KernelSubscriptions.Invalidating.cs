namespace MmuNotifier.Benchmarks.Baseline;

/// <content>Start and end of invalidations.</content>
internal sealed partial class KernelSubscriptions
{
    internal void Start(ulong start, ulong last)
    {
        _lock.Enter();
        _activeInvalidations++;
        KernelNotifier? notifier = _tree.First(start, last);
        if (notifier is not null)
            _sequence |= 1;
        long sequence = _sequence;
        _lock.Exit();

        // No lock: the tree is frozen until the last end.
        while (notifier is not null)
        {
            notifier.Invalidate(start, last, sequence);
            notifier = RedBlackIntervalTree.Next(notifier, start, last);
        }
    }

    internal void End()
    {
        _lock.Enter();
        if (--_activeInvalidations != 0 || !IsInvalidating)
        {
            _lock.Exit();
            return;
        }

        Volatile.Write(ref _sequence, _sequence + 1);
        if (_firstDeferred is not null)
            ApplyDeferred();
        bool wake = _waiters != 0;
        _lock.Exit();
        if (wake)
            WakeAll();
    }

    private void WakeAll()
    {
        lock (_wakeUp)
            Monitor.PulseAll(_wakeUp);
    }
}
