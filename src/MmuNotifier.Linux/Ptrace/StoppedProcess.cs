using System.Globalization;
using static MmuNotifier.Linux.Native.PtraceConstants;

namespace MmuNotifier.Linux.Ptrace;

/// <summary>A process all of whose threads are stopped, until it is released or this process ends.</summary>
/// <remarks>
/// <para>
/// Nothing of the process is changed by the stop: calls that were interrupted are restarted by the kernel with the time that is left
/// to them, signals that arrive meanwhile are delivered after the release, and a process that was stopped by SIGSTOP is so again.
/// </para>
/// <para>
/// If this process is killed, the kernel detaches every thread: each goes on from where it is, with the signal that it was about to
/// take (see <see cref="Tracee"/> for why that is not lost).
/// </para>
/// </remarks>
internal sealed class StoppedProcess : IDisposable
{
    /// <summary>How long the threads get to stop unless the caller says otherwise.</summary>
    internal static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(2);

    private readonly PtraceThread _thread;
    private readonly Dictionary<int, Tracee> _tracees = [];
    private readonly Action<string>? _afterStep;
    private bool _released;

    private StoppedProcess(PtraceThread thread, int processId, Action<string>? afterStep)
    {
        _thread = thread;
        ProcessId = processId;
        _afterStep = afterStep;
        IsOwnChild = ProcessStatus.Read(processId)?.ParentId == Environment.ProcessId;
    }

    internal int ProcessId { get; }

    /// <summary>Whether this process is its parent.</summary>
    internal bool IsOwnChild { get; }

    /// <summary>Called after each request; for tests.</summary>
    internal Action<string>? AfterStep => _afterStep;

    internal IReadOnlyCollection<int> ThreadIds => _tracees.Keys;

    internal IReadOnlyCollection<Tracee> Tracees => _tracees.Values;

    /// <summary>Stops the process, or throws <see cref="ProcessAttachException"/>.</summary>
    internal static StoppedProcess Freeze(PtraceThread thread, int processId, TimeSpan? limit = null, Action<string>? afterStep = null)
    {
        FreezeResult result = TryFreeze(thread, processId, limit, afterStep);
        return result.Process ?? throw new ProcessAttachException(result.Message);
    }

    /// <summary>Stops the process. Throws <see cref="ProcessAttachException"/> only when tracing it is refused altogether.</summary>
    internal static FreezeResult TryFreeze(PtraceThread thread, int processId, TimeSpan? limit = null, Action<string>? afterStep = null)
    {
        StoppedProcess process = new(thread, processId, afterStep);
        List<Tracee> unstoppable;
        try
        {
            unstoppable = thread.Invoke(() => process.StopAll(limit ?? DefaultLimit));
        }
        catch
        {
            process.Release();
            throw;
        }

        if (unstoppable.Count > 0)
        {
            string message = UnstoppableThread.Describe(processId, unstoppable[0].ThreadId, limit ?? DefaultLimit);
            process.Release();
            return new FreezeResult(FreezeOutcome.ThreadDidNotStop, null, message, unstoppable[0].ThreadId);
        }

        return process._tracees.Count > 0
            ? new FreezeResult(FreezeOutcome.Stopped, process, "", 0)
            : new FreezeResult(FreezeOutcome.Exited, null, $"Process {processId} has exited.", 0);
    }

    /// <summary>Takes over a single-threaded process that a launcher has brought to a stop already.</summary>
    internal static StoppedProcess Adopt(PtraceThread thread, int processId, Tracee tracee, Action<string>? afterStep)
    {
        StoppedProcess process = new(thread, processId, afterStep);
        process._tracees.Add(tracee.ThreadId, tracee);
        return process;
    }

    /// <summary>Runs a function on the tracer thread, where the tracees may be used.</summary>
    internal T Invoke<T>(Func<T> function)
    {
        ObjectDisposedException.ThrowIf(_released, this);
        return _thread.Invoke(function);
    }

    /// <summary>Lets every thread go on.</summary>
    internal void Release()
    {
        if (_released)
            return;
        _released = true;
        if (_thread.Invoke(DetachAll))
            return;

        // Some thread is not stopped, and cannot be detached so. The end of the tracer thread detaches it.
        _thread.LetGoOfAll();
        Backoff backoff = new(DeathLimit);
        while (!backoff.IsOver && _tracees.Keys.Any(id => ProcessStatus.ReadThread(ProcessId, id) is { TracerId: > 0 }))
            backoff.Wait();
    }

    public void Dispose() => Release();

    /// <summary>Stops every thread, until a look at the list of threads shows no new one. Returns those that did not stop in time.</summary>
    /// <remarks>
    /// Only running threads make new threads, so the passes come to an end: once all that are known have stopped, a new one can only
    /// have been made before, and is on the list.
    /// </remarks>
    private List<Tracee> StopAll(TimeSpan limit)
    {
        Backoff backoff = new(limit);
        List<Tracee> pending = [];
        while (SeizeNewThreads(pending))
        {
            while (true)
            {
                bool over = backoff.IsOver;
                pending.RemoveAll(HasStoppedOrGone);
                if (pending.Count == 0)
                    break;
                if (over)
                    return pending;
                backoff.Wait();
            }
        }

        return pending;
    }

    private bool HasStoppedOrGone(Tracee tracee)
    {
        TraceeStop stop = tracee.Look();
        if (stop.State == TraceeState.Gone)
            _tracees.Remove(tracee.ThreadId);
        if (stop.IsStopped)
            HideStop(tracee);
        return stop.State != TraceeState.Running;
    }

    /// <summary>A thread killed since it stopped is found gone at the release.</summary>
    private static void HideStop(Tracee tracee)
    {
        try
        {
            InterruptedCall.HideStop(tracee);
        }
        catch (TraceeGoneException)
        {
        }
    }

    private bool SeizeNewThreads(List<Tracee> pending)
    {
        bool found = false;
        foreach (int threadId in ListThreads())
        {
            if (_tracees.ContainsKey(threadId))
                continue;
            Tracee tracee = new(ProcessId, threadId, IsOwnChild, _afterStep);
            int error = tracee.TrySeize(OptionSysGood);
            if (error == Esrch || ProcessStatus.ReadThread(ProcessId, threadId) is null or { IsDead: true } && error != 0)
                continue;
            if (error != 0)
                throw AttachRefusal.NotPermitted(ProcessId);
            _tracees.Add(threadId, tracee);
            pending.Add(tracee);
            found = true;
            Interrupt(tracee);
        }

        return found;
    }

    /// <summary>A thread killed since it was seized is found gone by the next look.</summary>
    private static void Interrupt(Tracee tracee)
    {
        try
        {
            tracee.AskToStop();
        }
        catch (TraceeGoneException)
        {
        }
    }

    private List<int> ListThreads()
    {
        try
        {
            List<int> threads = [];
            foreach (string path in Directory.EnumerateDirectories($"/proc/{ProcessId}/task"))
                threads.Add(int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture));
            return threads;
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Detaches all. False when a thread remains that is neither stopped nor gone.</summary>
    private bool DetachAll()
    {
        List<Tracee> dying = [];
        bool all = true;
        foreach (Tracee tracee in _tracees.Values)
        {
            if (!tracee.Stop.IsStopped && !tracee.Look().IsStopped && tracee.Stop.State != TraceeState.Gone)
            {
                all = false;
                continue;
            }

            if (tracee.Stop.State != TraceeState.Gone && !TryLetGo(tracee))
                dying.Add(tracee);
        }

        return Bury(dying) && all;
    }

    private static bool TryLetGo(Tracee tracee)
    {
        try
        {
            tracee.LetGo();
            return true;
        }
        catch (TraceeGoneException)
        {
            return false;
        }
    }

    /// <summary>
    /// Takes the status of threads that were killed while stopped. Until their tracer has done so they are zombies, and the parent of
    /// the process is not told of its end; the main thread's comes only after all others.
    /// </summary>
    private static bool Bury(List<Tracee> dying)
    {
        Backoff backoff = new(DeathLimit);
        while (dying.RemoveAll(tracee => tracee.Look().State == TraceeState.Gone) >= 0 && dying.Count > 0)
        {
            if (backoff.IsOver)
                return false;
            backoff.Wait();
        }

        return true;
    }
}
