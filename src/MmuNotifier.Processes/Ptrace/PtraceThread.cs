using System.Collections.Concurrent;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>The operating-system thread that is the tracer: every ptrace request must come from the thread that seized.</summary>
/// <remarks>
/// <para>
/// The kernel lets go of all tracees of a thread that ends. It is the only way to let go of a tracee that cannot be stopped
/// (PTRACE_DETACH needs a stopped one), so the thread can be replaced: <see cref="LetGoOfAll"/>.
/// </para>
/// <para>
/// A request can also wait in the kernel for as long as the target likes: PTRACE_SEIZE waits for an execve under way, and for a stopped
/// thread whose cgroup is frozen. No signal short of our own death ends that wait. So the thread can be abandoned:
/// <see cref="TryInvoke{T}"/>. An abandoned thread ends when its function does, and the kernel detaches what it had seized.
/// </para>
/// </remarks>
internal sealed class PtraceThread : IDisposable
{
    private const int QueueLimit = 64;

    /// <summary>How often a waiting caller does what it does meanwhile.</summary>
    private const int SliceMilliseconds = 2;

    /// <summary>How long a caller still waits once it was asked to hurry.</summary>
    private static readonly TimeSpan HurriedLimit = TimeSpan.FromSeconds(0.3);

    private readonly Lock _lock = new();
    private readonly CancellationToken _hurry;

    /// <summary>Null while the last one was abandoned and no other has been needed.</summary>
    private Worker? _worker = new();
    private bool _disposed;

    /// <exception cref="InvalidOperationException">No thread can be started. So in every method that runs something.</exception>
    /// <param name="hurry">Cancelled when this process is to end: from then on callers wait for a fraction of a second only.</param>
    internal PtraceThread(CancellationToken hurry = default) => _hurry = hurry;

    /// <summary>Runs a function on the tracer thread and hands back its result or its exception.</summary>
    internal T Invoke<T>(Func<T> function) => Current().Invoke(function);

    internal void Invoke(Action action) => Invoke(() =>
    {
        action();
        return true;
    });

    /// <summary>
    /// The same for a function that may be caught in the kernel. When the limit is over the thread is abandoned to it and replaced by
    /// another.
    /// </summary>
    /// <param name="function">What to run.</param>
    /// <param name="limit">How long to wait for it.</param>
    /// <param name="meanwhile">Called by the waiting thread every few milliseconds.</param>
    /// <param name="result">What the function gave.</param>
    /// <returns>False if the thread was abandoned: what the function has seized is not ours to release any more.</returns>
    internal bool TryInvoke<T>(Func<T> function, TimeSpan limit, Action meanwhile, out T result)
    {
        Worker worker = Current();
        if (worker.IsCurrent)
        {
            result = function();
            return true;
        }

        Task<T> task = worker.Start(function);
        Deadline deadline = new(limit, HurriedLimit, _hurry);
        while (Task.WaitAny([task], SliceMilliseconds) < 0)
        {
            // At least once, however late this thread gets a processor.
            meanwhile();
            if (deadline.IsOver)
            {
                Abandon(worker);
                result = default!;
                return false;
            }
        }

        result = task.GetAwaiter().GetResult();
        return true;
    }

    /// <summary>Ends the tracer thread, so that the kernel detaches whatever it still traces.</summary>
    /// <remarks>Affects every process frozen through this instance. Not to be called on the tracer thread.</remarks>
    internal void LetGoOfAll()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _worker?.Dispose();
            _worker = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _worker?.Dispose();
        }
    }

    private Worker Current()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _worker ??= new Worker();
        }
    }

    private void Abandon(Worker worker)
    {
        lock (_lock)
        {
            worker.Abandon();
            if (_worker == worker)
                _worker = null;
        }
    }

    private sealed class Worker : IDisposable
    {
        private readonly BlockingCollection<Action> _queue = new(QueueLimit);
        private readonly Thread _thread;

        internal Worker()
        {
            _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "ptrace" };
            Syscall.Start(_thread);
        }

        internal bool IsCurrent => Thread.CurrentThread == _thread;

        internal T Invoke<T>(Func<T> function) => IsCurrent ? function() : Start(function).GetAwaiter().GetResult();

        internal Task<T> Start<T>(Func<T> function)
        {
            // Not asynchronous continuations: nothing is ever attached to the task but the one waiter.
            TaskCompletionSource<T> done = new();
            _queue.Add(() =>
            {
                try
                {
                    done.SetResult(function());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            });
            return done.Task;
        }

        /// <summary>Lets the thread end after the function that it is in.</summary>
        internal void Abandon() => _queue.CompleteAdding();

        /// <summary>Runs what is queued, then ends the thread. What is queued later throws.</summary>
        public void Dispose()
        {
            if (IsCurrent)
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
