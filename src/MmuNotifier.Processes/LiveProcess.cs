namespace MmuNotifier.Processes;

/// <summary>
/// A running process on x86-64 Linux whose memory is watched: its changes become invalidations of <see cref="Space"/>, its memory can be
/// read, and it can be stopped. It stands for one program: when the process ends, or executes another program, the address space exits, and
/// nothing can be read any more.
/// </summary>
/// <remarks>
/// <para>
/// <b>Threads.</b> Members may be called from any thread, but one at a time, and not from a callback of a notifier: a second call at the
/// same time throws <see cref="InvalidOperationException"/> and does nothing. <see cref="Space"/>, <see cref="ProcessId"/>,
/// <see cref="HasExited"/>, <see cref="Failure"/>, <see cref="BeginRead"/>, <see cref="Start"/>, <see cref="WaitForExit"/> and
/// <see cref="Dispose"/> may be called at any time.
/// </para>
/// <para>
/// <b>Callbacks</b> of notifiers run on a thread of this object when the process unmaps, moves or drops memory, forks or ends; what
/// <see cref="Refresh"/>, <see cref="WriteTracker.Take"/> and the other members find out comes on the thread that called them. A callback
/// may take locks and change notifiers. It must be short, and must not wait for the process: the next munmap, mremap, madvise or fork of
/// the process does not return before the callback has. One that never returns holds the process up until this object is disposed.
/// </para>
/// <para>
/// <b>The process</b> stays unharmed whatever becomes of this one: when this process ends or is killed, the kernel takes every protection
/// from the memory and lets every thread run. While it is watched, its memory cannot be watched by another userfaultfd: a program that uses
/// userfaultfd itself is recognised by its code, and its memory is left to it. Every wait is bounded.
/// </para>
/// </remarks>
public sealed partial class LiveProcess : IDisposable
{
    /// <summary>How long a call that has begun before <see cref="Dispose"/> gets to end.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);

    private readonly ProcessWatcher _watcher;
    private readonly WatchedProcess _watch;
    private readonly LaunchedProgram? _launched;
    private readonly CancellationTokenSource _hurry;

    /// <summary>For the read sections of <see cref="Read"/>.</summary>
    private readonly IntervalNotifier _anything;

    /// <summary>The number of the thread that is in a call; 0 if none is.</summary>
    private int _inside;
    private volatile bool _isDisposed;
    private int _disposals;
    private int _starts;

    private LiveProcess(ProcessWatcher watcher, WatchedProcess watch, LaunchedProgram? launched, CancellationTokenSource hurry)
    {
        (_watcher, _watch, _launched, _hurry) = (watcher, watch, launched, hurry);
        try
        {
            _anything = watch.Space.Insert(AddressRange.Whole, NoteChange);
            watch.Noticed = change => MemoryChanged?.Invoke(change);
            // Events come for what is registered.
            if (!RefreshNow())
                throw watch.IsOver ? Gone() : new InvalidOperationException("Its mappings could not be read.");
        }
        catch (InvalidOperationException exception)
        {
            throw new ProcessAttachException($"Process {watch.ProcessId} cannot be watched: {exception.Message}", exception);
        }
    }

    /// <summary>Its number.</summary>
    public int ProcessId => _watch.ProcessId;

    /// <summary>
    /// How long the process was stopped for <see cref="Attach(int)"/>, from the request to stop to the last thread's release; zero for a
    /// launched one, which had not begun.
    /// </summary>
    public TimeSpan AttachStop => _watch.AttachStop;

    /// <summary>
    /// Raised when the process unmaps, moves or drops memory or forks: what the kernel reports at once, as it reports it, before the
    /// invalidations on <see cref="Space"/>, which do not say where memory was moved to. What is found out by looking is not among it:
    /// mapped memory, changed protection, written pages. Memory that was mapped since the last <see cref="Refresh"/> is not reported.
    /// </summary>
    /// <remarks>
    /// Comes on the thread of this object that reads the events, one after the other. The process waits meanwhile, so a handler must be
    /// short, and must not call this object. One that throws ends the watch (<see cref="Failure"/>), and the process runs on.
    /// </remarks>
    public event Action<MemoryChange>? MemoryChanged;

    /// <summary>
    /// The addresses of the process: insert notifiers to get what happens to them. Unmapping, moving, dropping of pages and forks come by
    /// themselves, for all that was mapped at the last <see cref="Refresh"/> or a member that makes one; what was written, what was mapped
    /// since and what changed its protection come when it is looked for. Exits with the program: within a second of its end.
    /// </summary>
    public AddressSpace Space => _watch.Space;

    /// <summary>Whether the process has ended, or executes another program, as far as it was noticed.</summary>
    public bool HasExited => Space.HasExited;

    /// <summary>
    /// Why the watch was given up although the program runs, if it was: its events could not be read. Then the address space has exited,
    /// and the process runs unwatched.
    /// </summary>
    public Exception? Failure => _watch.Failure;

    /// <summary>
    /// Attaches to a running process. It is stopped for some milliseconds, in which a system call is made inside it; see
    /// <see cref="WarmUp"/>.
    /// </summary>
    /// <param name="processId">Its number; not that of this process, nor of a child that <see cref="System.Diagnostics.Process"/> has
    /// started.</param>
    /// <exception cref="ProcessAttachException">
    /// It cannot be attached to, and nothing was changed: no rights, traced already, not of 64 bits, no such process... The message says
    /// what to do.
    /// </exception>
    public static LiveProcess Attach(int processId) => Attach(processId, null);

    /// <summary>
    /// Launches a program, stopped before its first instruction until <see cref="Start"/>, so that nothing of it is missed. It has this
    /// process's environment, working directory and process group.
    /// </summary>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">What follows the program's name; null for nothing.</param>
    /// <param name="streams">What its standard input, output and error are.</param>
    /// <exception cref="ProcessAttachException">It cannot be run or watched; the message says why.</exception>
    public static LiveProcess Launch(
        string program, IReadOnlyList<string>? arguments = null, ProgramStreams streams = ProgramStreams.Inherited)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        return Make(watcher =>
        {
            LaunchedProgram launched = watcher.Launch(program, arguments ?? [], streams, out WatchedProcess watch);
            return (watch, launched);
        });
    }

    /// <summary>
    /// Lets the runtime compile what runs while a process is stopped, on a small process that it launches for that: takes a second or less.
    /// Without it the first process that is attached to, frozen or written as a core is stopped some 100 ms longer. Once for each process
    /// of yours is enough.
    /// </summary>
    /// <exception cref="ProcessAttachException">No process can be watched on this machine.</exception>
    public static void WarmUp()
    {
        ProcessWatcher.RequireSupport(KernelProbe.Run());
        using var watcher = new ProcessWatcher();
        CoreRehearsal.Run(watcher);
    }

    /// <summary>Lets a launched program run; of a process that runs already it does nothing.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _starts, 1) == 0)
            _launched?.Stopped.Release();
    }

    /// <summary>Waits until the process itself has ended; another program that it executes does not count as its end.</summary>
    /// <param name="limit">How long at most.</param>
    /// <returns>Whether it has.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is negative, or more than 24 days.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public bool WaitForExit(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit.Ticks, nameof(limit));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit.TotalMilliseconds, int.MaxValue, nameof(limit));
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _watch.WaitForExit(limit);
    }

    /// <summary>
    /// The exit code of a launched program that has ended, 128 and the signal if one killed it; null if it still runs, or was attached to.
    /// </summary>
    public int? ExitCode => _launched?.WaitForExit(TimeSpan.Zero);

    /// <summary>
    /// Lets the process go, as it was before: takes every protection from its memory and lets it run. A launched program runs on. Calls
    /// after the first do nothing. The address space exits, and its notifiers get that on this thread. Waits at most half a minute, if
    /// another call is under way or a callback does not return; the process runs after two thirds of it at the latest.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called from a callback of a notifier, which would wait for itself.</exception>
    public void Dispose()
    {
        ThrowInCallback();
        _isDisposed = true;
        if (Interlocked.Exchange(ref _disposals, 1) != 0)
            return;
        _frozen?.Dispose();
        _hurry.Cancel();
        var backoff = new Backoff(CallLimit);
        while (Volatile.Read(ref _inside) != 0 && !backoff.IsOver)
            backoff.Wait();
        Release(_watcher, _watch, _launched);
        _hurry.Dispose();
    }

    /// <summary>Begins a call, and ends it when it is disposed.</summary>
    internal Call Enter()
    {
        ThrowInCallback();
        if (Interlocked.CompareExchange(ref _inside, Environment.CurrentManagedThreadId, 0) != 0)
            throw new InvalidOperationException($"Another thread is in a call of process {ProcessId}: make one call at a time.");
        if (!_isDisposed)
            return new Call(this);
        Volatile.Write(ref _inside, 0);
        throw new ObjectDisposedException(nameof(LiveProcess));
    }

    internal ProcessExitedException Gone(Exception? exception = null)
    {
        string message = $"Process {ProcessId} has ended, or executes another program.";
        return exception is null ? new ProcessExitedException(message) : new ProcessExitedException(message, exception);
    }

    /// <summary>Throws if the program is gone; called when a step has failed as if it were.</summary>
    internal void RequireProgram()
    {
        if (!_watch.IsImageGone)
            return;
        if (!_watch.IsOver)
            _watcher.End(_watch);
        throw Gone();
    }

    /// <param name="processId">The process.</param>
    /// <param name="afterStep">Called after each step at it, on whatever thread makes it: for tests.</param>
    internal static LiveProcess Attach(int processId, Action<string>? afterStep) =>
        Make(watcher => (watcher.Attach(processId), null), afterStep);

    private static LiveProcess Make(
        Func<ProcessWatcher, (WatchedProcess Watch, LaunchedProgram? Launched)> attach, Action<string>? afterStep = null)
    {
        ProcessWatcher.RequireSupport(KernelProbe.Run());
        var hurry = new CancellationTokenSource();
        ProcessWatcher? watcher = null;
        (WatchedProcess Watch, LaunchedProgram? Launched)? attached = null;
        try
        {
            watcher = new ProcessWatcher(hurry.Token) { KeepsMemoryOfEnded = false, NoticesExecs = true, AfterStep = afterStep };
            attached = attach(watcher);
            return new LiveProcess(watcher, attached.Value.Watch, attached.Value.Launched, hurry);
        }
        catch
        {
            if (attached is { } failed)
                Release(watcher!, failed.Watch, failed.Launched);
            else
                watcher?.Dispose();
            hurry.Dispose();
            throw;
        }
    }

    private static void Release(ProcessWatcher watcher, WatchedProcess watch, LaunchedProgram? launched)
    {
        watcher.Release(watch);
        launched?.Dispose();
        watcher.Dispose();
    }

    private void RequireStarted()
    {
        if (_launched is not null && Volatile.Read(ref _starts) == 0)
            throw new InvalidOperationException($"Program {ProcessId} has not been started: call {nameof(Start)} first.");
    }

    private void ThrowInCallback()
    {
        if (_watcher.IsEventReader || Volatile.Read(ref _inside) == Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException(
                $"A callback of a notifier must not call process {ProcessId}: the call that it runs in would wait for it.");
        }
    }

    internal readonly ref struct Call(LiveProcess process)
    {
        public void Dispose() => Volatile.Write(ref process._inside, 0);
    }
}
