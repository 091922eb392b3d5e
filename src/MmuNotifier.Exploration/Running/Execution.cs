using MmuNotifier.Exploration.Model;
using MmuNotifier.Exploration.Reporting;
using MmuNotifier.Exploration.Strategies;

namespace MmuNotifier.Exploration.Running;

/// <summary>
/// One schedule of one scenario. Exactly one of its threads runs at a time; the running thread decides at its next scheduling point which
/// thread proceeds, and hands over only if that is another. So nothing in here needs a lock: the thread that holds the baton owns all of
/// it.
/// </summary>
internal sealed partial class Execution
{
    private static long s_executions;
    private static Execution? s_running;

    private readonly IStrategy _strategy;
    private readonly ExplorationLimits _limits;
    private readonly WorkerPool _workers;
    private readonly ViewPool _views;
    private readonly Trace? _trace;
    private readonly Baton _ended = new();
    private readonly List<ControlledThread> _threads = [];
    private readonly ControlledThread _host;
    private readonly View _fences = new();
    private int _locations;
    private int _locks;
    private int _steps;
    private int _unfinishedInScenario;
    private bool _haveThreadsEnded;

    public Execution(IStrategy strategy, ExplorationLimits limits, WorkerPool workers, ViewPool views, Trace? trace)
    {
        _strategy = strategy;
        _limits = limits;
        _workers = workers;
        _views = views;
        _trace = trace;
        _host = new ControlledThread(this, -1, "the host", () => { }) { IsHost = true };
        views.TakeAllBack();
    }

    /// <summary>Unlike every other's; what belongs to another execution starts over.</summary>
    public long Number { get; } = Interlocked.Increment(ref s_executions);

    /// <summary>It has failed or ended: every thread that is left unwinds at its next primitive.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>What went wrong first; null: nothing.</summary>
    public string? Failure { get; private set; }

    /// <summary>Every choice that was made.</summary>
    public ChoiceList Choices { get; } = new();

    public int Steps => _steps;

    /// <summary>Whether steps that have a name are recorded.</summary>
    public bool IsTraced => _trace is not null && !IsAbandoned;

    /// <summary>A step that has a name.</summary>
    public void Note(string what)
    {
        if (IsTraced && ControlledThread.Current is { IsEvaluating: false } thread && (!thread.IsHost || _haveThreadsEnded))
            _trace!.AddNote(thread, what);
    }

    /// <summary>
    /// Called for a primitive on a thread that is not controlled, such as one of the thread pool: nothing of what it does could be
    /// replayed.
    /// </summary>
    public static void RejectForeignThread() =>
        Volatile.Read(ref s_running)?.NoteFailure(
            "A thread that is not controlled called a primitive during the schedule (a continuation, a timer, a finalizer?): "
                + $"{Environment.StackTrace}");

    /// <summary>Runs one schedule to its end, on the calling thread and the workers.</summary>
    public void Run(Func<Scenario> factory)
    {
        ControlledThread.Current = _host;
        Volatile.Write(ref s_running, this);
        try
        {
            Scenario scenario = factory();
            foreach ((string name, Action body) in scenario.GetThreads())
                Add(name, body, isBackground: false, seen: _host.Views.Current);
            if (_threads.Count > 0)
                RunThreads();
            if (Failure is null)
                Check(scenario);
        }
        catch (Exception exception)
        {
            NoteFailure($"The setup threw {exception}");
        }
        finally
        {
            Volatile.Write(ref s_running, null);
            ControlledThread.Current = null;
        }
    }

    /// <summary>Notes what went wrong and ends the execution; the calling thread continues until its next primitive.</summary>
    public void NoteFailure(string message)
    {
        if (IsAbandoned)
            return;
        Failure = message;
        IsAbandoned = true;
        if (ControlledThread.Current is { } thread)
            _trace?.AddNote(thread, "FAILS: " + message.Split('\n')[0]);
    }

    /// <summary>Notes what went wrong and unwinds the calling thread.</summary>
    public void Fail(string message)
    {
        NoteFailure(message);
        throw new ExecutionAbandonedException();
    }

    private ControlledThread Add(string name, Action body, bool isBackground, View seen)
    {
        if (_threads.Count == _limits.MaxThreads)
            Fail($"More than {_limits.MaxThreads} threads.");
        var thread = new ControlledThread(this, _threads.Count, name, body) { IsBackground = isBackground };
        thread.Views.StartFrom(seen);
        thread.Worker = _workers.Take(thread.Number);
        thread.Worker.Assign(thread);
        _threads.Add(thread);
        if (!isBackground)
            _unfinishedInScenario++;
        return thread;
    }

    private void RunThreads()
    {
        ControlledThread? first = ChooseNext(current: null);
        if (first is not null)
        {
            first.Worker!.Baton.Pass();
            AwaitEnd();
        }

        // What waits for ever or was left behind by a failure is unwound, one after the other.
        IsAbandoned = true;
        foreach (ControlledThread thread in _threads.ToArray())
        {
            if (thread.State == ThreadState.Finished || thread.Worker!.IsLost)
                continue;
            thread.Worker.Baton.Pass();
            AwaitEnd();
        }

        IsAbandoned = Failure is not null;
        _haveThreadsEnded = true;
    }

    private void AwaitEnd()
    {
        if (_ended.Await(_limits.Watchdog))
            return;
        NoteFailure($"A thread ran or blocked for {_limits.Watchdog.TotalSeconds} s outside of the primitives.");
        foreach (ControlledThread thread in _threads)
            thread.Worker!.IsLost |= thread.State != ThreadState.Finished;
    }

    private void Check(Scenario scenario)
    {
        try
        {
            scenario.Check();
        }
        catch (ExecutionAbandonedException)
        {
        }
        catch (Exception exception)
        {
            NoteFailure($"The check threw {exception}");
        }
    }
}
