using System.Runtime.ExceptionServices;

namespace MmuNotifier.Linux.Ptrace;

/// <summary>The operating-system thread that is the tracer: every ptrace request must come from the thread that seized.</summary>
/// <remarks>
/// The kernel lets go of all tracees of a thread that ends. It is the only way to let go of a tracee that cannot be stopped
/// (PTRACE_DETACH needs a stopped one), so the thread can be replaced: <see cref="LetGoOfAll"/>.
/// </remarks>
internal sealed class PtraceThread : IDisposable
{
    private const int QueueLimit = 64;

    private readonly Lock _lock = new();
    private Worker _worker = new();
    private bool _disposed;

    /// <summary>Runs a function on the tracer thread and hands back its result or its exception.</summary>
    internal T Invoke<T>(Func<T> function)
    {
        Worker worker;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            worker = _worker;
        }

        return worker.Invoke(function);
    }

    internal void Invoke(Action action) => Invoke(() =>
    {
        action();
        return true;
    });

    /// <summary>Ends the tracer thread, so that the kernel detaches whatever it still traces, and starts another.</summary>
    /// <remarks>Affects every process frozen through this instance. Not to be called on the tracer thread.</remarks>
    internal void LetGoOfAll()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _worker.Dispose();
            _worker = new Worker();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _worker.Dispose();
        }
    }

    private sealed class Worker : IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<Action> _queue = new(QueueLimit);
        private readonly Thread _thread;

        internal Worker()
        {
            _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "ptrace" };
            _thread.Start();
        }

        internal T Invoke<T>(Func<T> function)
        {
            if (Thread.CurrentThread == _thread)
                return function();
            T result = default!;
            ExceptionDispatchInfo? failure = null;
            using ManualResetEventSlim done = new();
            _queue.Add(() =>
            {
                try
                {
                    result = function();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }

                done.Set();
            });
            done.Wait();
            failure?.Throw();
            return result;
        }

        /// <summary>Runs what is queued, then ends the thread. What is queued later throws.</summary>
        public void Dispose()
        {
            if (Thread.CurrentThread == _thread)
                throw new InvalidOperationException("The ptrace thread cannot end itself.");
            _queue.CompleteAdding();
            _thread.Join();
            _queue.Dispose();
        }

        private void Run()
        {
            foreach (Action action in _queue.GetConsumingEnumerable())
                action();
        }
    }
}
