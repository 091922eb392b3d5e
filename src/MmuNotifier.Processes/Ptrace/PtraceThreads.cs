namespace MmuNotifier.Processes;

/// <summary>
/// Tracer threads to borrow, one for each process that is stopped: a process that one of them is caught at does not keep another stopped.
/// </summary>
internal sealed class PtraceThreads(CancellationToken hurry) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<PtraceThread> _idle = new();
    private bool _disposed;

    internal PtraceThread Borrow()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _idle.TryPop(out PtraceThread? thread) ? thread : new PtraceThread(hurry);
        }
    }

    /// <summary>Takes a thread back that traces nothing any more.</summary>
    internal void Return(PtraceThread thread)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _idle.Push(thread);
                return;
            }
        }

        thread.Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (PtraceThread thread in _idle)
                thread.Dispose();
            _idle.Clear();
        }
    }
}
