namespace MmuNotifier.Benchmarks.Baseline;

/// <content>Insertion and removal, and the list of those that wait for the last end.</content>
internal sealed partial class KernelSubscriptions
{
    internal void Insert(KernelNotifier notifier, ulong start, ulong last)
    {
        notifier.Start = start;
        notifier.Last = last;
        _lock.Enter();
        if (_activeInvalidations == 0)
        {
            notifier.Sequence = _sequence - 1;
            _tree.Insert(notifier);
        }
        else
        {
            if (IsInvalidating)
            {
                Defer(notifier);
            }
            else
            {
                Volatile.Write(ref _sequence, _sequence | 1);
                _tree.Insert(notifier);
            }

            notifier.Sequence = _sequence; // Its readers wait for the last end.
        }

        _lock.Exit();
    }

    /// <summary>Removes a notifier; when it returns no callback of it runs or will run.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up; the removal stays deferred.</exception>
    internal void Remove(KernelNotifier notifier, CancellationToken giveUp)
    {
        long waitFor = 0;
        _lock.Enter();
        if (!IsInvalidating)
        {
            _tree.Remove(notifier);
        }
        else if (notifier.IsInTree)
        {
            Defer(notifier);
            waitFor = _sequence;
        }
        else
        {
            Undefer(notifier); // Its insertion was still waiting.
        }

        _lock.Exit();
        if (waitFor != 0 && Volatile.Read(ref _sequence) == waitFor)
            WaitWhile(waitFor, giveUp);
    }

    private void Defer(KernelNotifier notifier)
    {
        notifier.PreviousDeferred = null;
        notifier.NextDeferred = _firstDeferred;
        if (_firstDeferred is not null)
            _firstDeferred.PreviousDeferred = notifier;
        _firstDeferred = notifier;
    }

    private void Undefer(KernelNotifier notifier)
    {
        if (notifier.PreviousDeferred is { } previous)
            previous.NextDeferred = notifier.NextDeferred;
        else
            _firstDeferred = notifier.NextDeferred;
        if (notifier.NextDeferred is { } next)
            next.PreviousDeferred = notifier.PreviousDeferred;
        notifier.NextDeferred = null;
        notifier.PreviousDeferred = null;
    }

    private void ApplyDeferred()
    {
        while (_firstDeferred is { } notifier)
        {
            Undefer(notifier);
            if (notifier.IsInTree)
                _tree.Remove(notifier);
            else
                _tree.Insert(notifier);
        }
    }
}
