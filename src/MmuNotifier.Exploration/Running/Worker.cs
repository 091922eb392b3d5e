namespace MmuNotifier.Exploration.Running;

/// <summary>An OS thread that runs controlled threads, one after the other, each in another execution.</summary>
internal sealed class Worker
{
    private readonly WorkerPool _pool;
    private ControlledThread? _assigned;

    public Worker(WorkerPool pool, int number)
    {
        _pool = pool;
        var thread = new Thread(Run) { IsBackground = true, Name = $"explorer {number}" };
        thread.UnsafeStart();
    }

    public Baton Baton { get; } = new();

    /// <summary>Of the controlled thread that it may not take up again: it ran away or was left where it stood.</summary>
    public bool IsLost { get; set; }

    /// <summary>Gives it a thread to run from the next time that the baton is passed to it; null ends it.</summary>
    public void Assign(ControlledThread? thread) => _assigned = thread;

    private void Run()
    {
        CoreAffinity.KeepOn(_pool.Core);
        while (true)
        {
            Baton.Await();
            if (_assigned is not { } thread)
                return;
            _assigned = null;
            thread.Run();
            if (IsLost)
                return;
        }
    }
}
