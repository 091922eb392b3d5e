using System.Collections.Concurrent;

namespace MmuNotifier.Processes;

/// <summary>A process all of whose threads are stopped, until it is released or this process ends.</summary>
/// <remarks>
/// <para>
/// Nothing of the process is changed by the stop: calls that were interrupted continue or are repeated (<see cref="InterruptedCall"/> says
/// which), signals that arrive meanwhile are delivered after the release, and a process that was stopped by SIGSTOP is so again.
/// </para>
/// <para>
/// If this process is killed, the kernel detaches every thread: each continues from where it is, with the signal that it was about to
/// take (see <see cref="Tracee"/> for why that is not lost).
/// </para>
/// </remarks>
internal sealed partial class StoppedProcess : IDisposable
{
    /// <summary>How long the threads get to stop unless the caller says otherwise.</summary>
    internal static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(2);

    /// <summary>What an injected call and the detaching may take; each wait in them has its own, shorter limit.</summary>
    private static readonly TimeSpan InvokeLimit = TimeSpan.FromSeconds(10);

    private readonly PtraceThread _thread;

    /// <summary>Written by the tracer thread; the thread that waits for it reads it, to reap.</summary>
    private readonly ConcurrentDictionary<int, Tracee> _tracees = [];
    private readonly Action<string>? _afterStep;
    private readonly SleepSurvey? _sleepers;
    private readonly List<int> _leftAsleep = [];
    private bool _released;

    private StoppedProcess(PtraceThread thread, int processId, Action<string>? afterStep, SleepSurvey? sleepers = null)
    {
        _sleepers = sleepers;
        _thread = thread;
        ProcessId = processId;
        _afterStep = afterStep;
        IsOwnChild = ProcessStatus.ReadWithoutStart(processId)?.ParentId == Environment.ProcessId;
    }

    internal int ProcessId { get; }

    /// <summary>Whether this process is its parent.</summary>
    internal bool IsOwnChild { get; }

    /// <summary>Called after each request; for tests.</summary>
    internal Action<string>? AfterStep => _afterStep;

    /// <summary>
    /// What was found in its code before it was stopped, if anything: it may have executed another program since.
    /// </summary>
    internal Gadgets? GadgetsFoundBefore { get; set; }

    internal IReadOnlyCollection<int> ThreadIds => [.. _tracees.Keys];

    internal IReadOnlyCollection<Tracee> Tracees => [.. _tracees.Values];

    /// <summary>
    /// The number under which the kernel shows the memory and the descriptors: that of the process, unless its main thread has ended.
    /// </summary>
    internal int MemoryThreadId =>
        _tracees.ContainsKey(ProcessId) || _leftAsleep.Contains(ProcessId) ? ProcessId : _tracees.Keys.DefaultIfEmpty(ProcessId).First();

    /// <summary>Stops the process, or throws <see cref="ProcessAttachException"/>.</summary>
    internal static StoppedProcess Freeze(PtraceThread thread, int processId, TimeSpan? limit = null, Action<string>? afterStep = null)
    {
        FreezeResult result = TryFreeze(thread, processId, limit, afterStep);
        return result.Process ?? throw new ProcessAttachException(result.Message);
    }

    /// <summary>Stops the process. Throws <see cref="ProcessAttachException"/> only when tracing it is refused altogether.</summary>
    /// <remarks>With a survey, threads that still sleep as it says are left asleep: see <see cref="HasStayedStill"/>.</remarks>
    internal static FreezeResult TryFreeze(
        PtraceThread thread, int processId, TimeSpan? limit = null, Action<string>? afterStep = null, SleepSurvey? sleepers = null)
    {
        StoppedProcess process = new(thread, processId, afterStep, sleepers);
        TimeSpan stopLimit = limit ?? DefaultLimit;
        List<Tracee> unstoppable;
        try
        {
            if (!process.TryInvoke(() => process.StopAll(stopLimit), stopLimit + SeizeGrace, out unstoppable))
                return new FreezeResult(FreezeOutcome.ThreadDidNotStop, null, UnstoppableThread.DescribeSeize(processId, stopLimit), 0);
        }
        catch
        {
            process.Release();
            throw;
        }

        if (unstoppable.Count > 0)
        {
            string message = UnstoppableThread.Describe(processId, unstoppable[0].ThreadId, stopLimit);
            process.Release();
            return new FreezeResult(FreezeOutcome.ThreadDidNotStop, null, message, unstoppable[0].ThreadId);
        }

        if (!process._tracees.IsEmpty || process._leftAsleep.Count > 0)
            return new FreezeResult(FreezeOutcome.Stopped, process, "", 0);
        process.Release();
        return new FreezeResult(FreezeOutcome.Exited, null, $"Process {processId} has exited.", 0);
    }

    /// <summary>Takes over a single-threaded process that a launcher has brought to a stop already.</summary>
    internal static StoppedProcess Adopt(PtraceThread thread, int processId, Tracee tracee, Action<string>? afterStep)
    {
        StoppedProcess process = new(thread, processId, afterStep);
        process._tracees[tracee.ThreadId] = tracee;
        return process;
    }

    /// <summary>Runs a function on the tracer thread, where the tracees may be used.</summary>
    internal T Invoke<T>(Func<T> function)
    {
        ObjectDisposedException.ThrowIf(_released, this);
        return TryInvoke(function, InvokeLimit, out T result)
            ? result
            : throw new TargetChangedException($"Process {ProcessId} did not answer within {InvokeLimit.TotalSeconds:0} s.");
    }

    /// <summary>Whether no thread has run since the process was stopped: those that were left asleep have slept until now.</summary>
    internal bool HasStayedStill() => _sleepers is null || _leftAsleep.All(_sleepers.IsStillAsleep);

    /// <summary>Lets every thread run again.</summary>
    internal void Release()
    {
        if (_released)
            return;
        _released = true;
        if (!TryInvoke(DetachAll, InvokeLimit, out bool all) || (all && !_mainThreadEnded))
            return;

        // A thread that is not stopped cannot be detached, nor can a main thread that has ended before the others. The end of the tracer
        // thread detaches both; the parent of the process would get no report of its end while its main thread is still traced.
        _thread.LetGoOfAll();
        Backoff backoff = new(DeathLimit);
        while (!backoff.IsOver && _tracees.Keys.Append(ProcessId).Any(id => ProcessStatus.ReadThread(ProcessId, id) is { TracerId: > 0 }))
            backoff.Wait();
    }

    public void Dispose() => Release();

    /// <returns>False if the tracer thread is caught in the kernel: it is abandoned, and detaches everything when it gets out.</returns>
    private bool TryInvoke<T>(Func<T> function, TimeSpan limit, out T result)
    {
        if (_thread.TryInvoke(function, limit, ReapExited, out result))
            return true;
        _released = true;
        return false;
    }

    /// <summary>
    /// Runs on the thread that waits for the tracer. A thread that executes a program waits for all the others to be reaped, and
    /// PTRACE_SEIZE waits for that thread. Only a second thread of this process can end that wait.
    /// </summary>
    private void ReapExited()
    {
        foreach (Tracee tracee in _tracees.Values)
            tracee.ReapIfExited();
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
    /// the process gets no report of its end; the main thread's comes only after all others.
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
