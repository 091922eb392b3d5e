namespace MmuNotifier.Exploration.Running;

/// <summary>
/// The OS threads of one exploration. The thread with number n of every execution runs on the worker n, so that what the engine keeps per
/// OS thread is the same in each schedule.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly List<Worker> _workers = [];

    /// <summary>The core of the thread that made the pool.</summary>
    public int Core { get; } = CoreAffinity.CurrentCore;

    public Worker Take(int number)
    {
        while (_workers.Count <= number)
            _workers.Add(new Worker(this, _workers.Count));
        if (_workers[number].IsLost)
            _workers[number] = new Worker(this, number);
        return _workers[number];
    }

    public void Dispose()
    {
        foreach (Worker worker in _workers)
        {
            if (worker.IsLost)
                continue;
            worker.Assign(null);
            worker.Baton.Pass();
        }
    }
}
