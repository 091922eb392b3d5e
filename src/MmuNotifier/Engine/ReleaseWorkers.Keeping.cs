using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>The keeper: the thread that starts workers.</content>
internal sealed partial class ReleaseWorkers
{
    /// <summary>
    /// Starts the two threads that stay, at the first call. Before an insertion, outside the engine lock: what is inserted will be
    /// released.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The system gives the process no thread.</exception>
    /// <exception cref="ThreadStartException">The same.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Start()
    {
        if (!Volatile.Read(ref _isStarted))
            StartFirstThreads();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StartFirstThreads()
    {
        using (_starting.Hold())
        {
            if (_isStarted)
                return;
            if (_workers.Count == 0)
                StartWorker(isFirst: true);
            _startThread(Keep, ThreadName);
            Volatile.Write(ref _isStarted, true);
        }
    }

    private void StartWorker(bool isFirst)
    {
        var worker = new Worker(isFirst);
        using (_monitor.Hold())
            _workers.Add(worker);
        try
        {
            _startThread(() => Work(worker), ThreadName);
        }
        catch
        {
            using (_monitor.Hold())
                _workers.Remove(worker);
            throw;
        }
    }

    private void CallKeeper()
    {
        using (_keeper.Hold())
        {
            _isKeeperCalled = true;
            _keeper.Pulse();
        }
    }

    private void Keep()
    {
        while (true)
        {
            AwaitCall();
            while (FindWorkersToStart(out int count))
            {
                TryStartWorkers(count);
                AwaitTick();
            }
        }
    }

    private void AwaitCall()
    {
        using (_keeper.Hold())
        {
            while (!_isKeeperCalled)
                _keeper.Wait(Timeout.InfiniteTimeSpan);
            _isKeeperCalled = false;
        }
    }

    private void AwaitTick()
    {
        using (_keeper.Hold())
            _keeper.Wait(_tick); // It is awake: nobody calls it.
        using (_monitor.Hold())
            _now++;
    }

    /// <returns>False if a free worker is there for everything that is queued: then the keeper sleeps until it is called.</returns>
    /// <param name="count">How many workers are to be started now.</param>
    private bool FindWorkersToStart(out int count)
    {
        count = 0;
        using (_monitor.Hold())
        {
            _isWatched = _queued > _free;
            if (!_isWatched)
                return false;
            if (IsOlderThanTick(_first!.QueuedAt))
                count = Math.Min(CountBlocked() + BackgroundThread.ProcessorCount - _workers.Count, _queued - _free);
            return true;
        }
    }

    private int CountBlocked()
    {
        int blocked = 0;
        foreach (Worker worker in _workers)
        {
            if (worker.BusySince != Worker.Free && IsOlderThanTick(worker.BusySince))
                blocked++;
        }

        return blocked;
    }

    /// <summary>Whether a whole tick has passed: the first one was under way already.</summary>
    private bool IsOlderThanTick(long since) => _now - since >= 2;

    private void TryStartWorkers(int count)
    {
        try
        {
            for (; count > 0; count--)
                StartWorker(isFirst: false);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // What is queued stays queued, and the next tick asks again.
        }
    }
}
