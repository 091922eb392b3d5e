using System.Diagnostics;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// Mirrors the memory of a process and of its children coherently, and verifies that: attaches to a process or launches a program, keeps
/// a hash or a copy of each page up to date while it runs, and freezes it now and then to compare them with all of its memory. What
/// <c>mmun mirror</c> does.
/// </summary>
/// <remarks>
/// For one thread, which <see cref="Run"/> keeps until the end, but for <see cref="AskToPause"/>. Works with threads of its own, which
/// read events and trace. The processes stay unharmed whatever becomes of this one, as <see cref="LiveProcess"/> says.
/// </remarks>
public sealed partial class MirrorSession : IDisposable
{
    private const int MaxEndedNamed = 200;

    private static readonly TimeSpan EndOfProcess = TimeSpan.FromMilliseconds(20);

    private readonly MirrorOptions _options;
    private readonly ProcessWatcher _watcher;
    private readonly MirrorInterruption _interruption;
    private readonly RoundPacer _pacer;
    private readonly List<ProcessMirror> _live = [];

    /// <summary>Those that are named in the report; the others have only been counted.</summary>
    private readonly List<ProcessMirror> _ended = [];
    private readonly SessionTotals _endedUnnamed = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private LaunchedProgram? _launched;
    private MemorySharing _sharing = MemorySharing.Unknown;
    private int _programs;

    /// <summary>Makes a session; nothing is touched before <see cref="Begin"/>.</summary>
    /// <param name="options">What is mirrored, and how.</param>
    /// <param name="hurry">
    /// Cancelled when the session is to end soon: then steps are left in the middle, and the last comparison gets 0.3 s of processor time.
    /// </param>
    /// <exception cref="ArgumentException">The options name neither a process nor a program.</exception>
    /// <exception cref="ProcessAttachException">No descriptor or thread is left.</exception>
    public MirrorSession(MirrorOptions options, CancellationToken hurry = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ProcessId is null && options.Program.Count == 0)
            throw new ArgumentException("There is neither a process to attach to nor a program to launch.", nameof(options));
        _options = options;
        _interruption = new MirrorInterruption(hurry);
        _watcher = new ProcessWatcher(hurry) { AfterStep = options.AfterStep };
        _pacer = new RoundPacer(options.Round, options.FirstWriteCost);
    }

    /// <summary>All that are alive, and those that have ended and are named in the report.</summary>
    internal IEnumerable<ProcessMirror> Mirrors => _ended.Concat(_live);

    internal bool IsLaunched => _launched is not null;

    /// <summary>How many processes are mirrored now.</summary>
    public int ProcessesAlive => _live.Count;

    internal TimeSpan Elapsed => _clock.Elapsed;

    internal long Rounds { get; private set; }

    internal int? TargetProcessId { get; private set; }

    internal string TargetCommand { get; private set; } = "";

    /// <summary>The exit code of a launched program, once it has ended.</summary>
    internal int? TargetExitCode { get; private set; }

    /// <summary>Attaches to the target or launches it.</summary>
    /// <exception cref="ProcessAttachException">It cannot be; nothing was changed.</exception>
    public void Begin()
    {
        ProcessWatcher.RequireSupport(KernelProbe.Run());
        if (_options.ProcessId is { } processId)
        {
            AddMirror(_watcher.Attach(processId), "attached");
        }
        else
        {
            _launched = _watcher.Launch(
                _options.Program[0],
                [.. _options.Program.Skip(1)],
                _options.OutputToError ? ProgramStreams.OutputToError : ProgramStreams.Inherited,
                out WatchedProcess watch);
            AddMirror(watch, "launched");
        }

        TargetProcessId = _live[0].Watch.ProcessId;
        TargetCommand = _live[0].Command;
        // A launched program is stopped at its first instruction until here, so that not one event of it is missed.
        var limit = new WorkLimit(_clock, _options.VerifyEvery, _interruption.End);
        Interruptibly(() => _live[0].CatchUp(_sharing, isFrozen: false, limit));
        _launched?.Stopped.Release();
    }

    /// <summary>
    /// Mirrors until the target has ended, the time is over or the token is cancelled; verifies a last time. May be called again.
    /// </summary>
    /// <param name="update">Called after each step on this thread, for <see cref="GetProgress"/>.</param>
    /// <param name="stop">Ends it after the step that is under way.</param>
    public void Run(Action update, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(update);
        using CancellationTokenRegistration registration = stop.Register(() => _wake.Set());
        _interruption.PauseAsked = () => _wake.Set();
        TimeSpan nextRound = TimeSpan.Zero;
        TimeSpan? nextVerification = _options.VerifyEvery;
        while (_live.Count > 0 && !stop.IsCancellationRequested && (_options.Duration is not { } limit || Elapsed < limit))
        {
            Interruptibly(() =>
            {
                FollowChildren();
                RetireEnded();
                if (Elapsed >= nextVerification)
                {
                    Verify();
                    nextVerification = Elapsed + _options.VerifyEvery;
                    nextRound = Elapsed + _pacer.Next;
                }
                else if (Elapsed >= nextRound)
                {
                    Round(new WorkLimit(_clock, Earliest(nextVerification, _options.Duration), stop));
                    nextRound = Elapsed + _pacer.Next;
                }
            });

            if (_interruption.TakePause())
                Pause();
            update();
            WaitUntil(Earliest(nextRound, Earliest(nextVerification, _options.Duration))!.Value);
        }

        _interruption.BeginEnd();
        if (!Interruptibly(VerifyLast))
            FreezesAbandoned.Add((Elapsed, "mmun was asked to end, and the last comparison would have taken too long"));
        update();
    }

    private void VerifyLast()
    {
        RetireEnded();
        if (_live.Count > 0)
            Verify();
    }

    /// <summary>Lets every process go, as it was before. The report can still be asked for.</summary>
    public void LetGo()
    {
        Retire([.. _live]);
        NoticeEnd();
    }

    /// <summary>The counters of all mirrors that there are or were.</summary>
    internal SessionTotals AddUp()
    {
        var totals = new SessionTotals();
        totals.Add(_endedUnnamed);
        foreach (ProcessMirror mirror in Mirrors)
            totals.Add(mirror);
        return totals;
    }

    /// <summary>
    /// Asks <see cref="Run"/> to let every process go, to stop this process (SIGSTOP), and to attach to all of them again when it is
    /// continued: nobody reads their events while this process is stopped. Any thread, at any time.
    /// </summary>
    public void AskToPause() => _interruption.AskToPause();

    /// <summary>
    /// What the looks since the last call have shown of each process that is mirrored now; processes that were not looked at since are left
    /// out. On the thread of <see cref="Run"/>. Costs a millisecond for some thousand mappings.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="MirrorOptions.KeepsLooks"/> is off.</exception>
    public IReadOnlyList<MirroredLook> TakeLooks()
    {
        if (!_options.KeepsLooks)
            throw new InvalidOperationException("The session keeps no looks: its options say so.");
        List<MirroredLook> looks = [];
        foreach (ProcessMirror mirror in _live)
        {
            if (mirror.TakeLook() is { } look)
                looks.Add(look);
        }

        return looks;
    }

    /// <summary>How it goes. On the thread of <see cref="Run"/>.</summary>
    public MirrorProgress GetProgress() => MirrorProgress.Of(this);

    /// <summary>What it came to until now. On the thread of <see cref="Run"/>.</summary>
    public MirrorReport GetReport() => ReportBuilder.Build(this);

    /// <summary>Lets every process go and frees the copies. A launched program runs on.</summary>
    public void Dispose()
    {
        LetGo();
        _launched?.Dispose();
        _watcher.Dispose();
        _wake.Dispose();
    }

    private static TimeSpan? Earliest(TimeSpan? first, TimeSpan? second) => first is null || second < first ? second : first;

    /// <returns>False if the step was left in the middle, to end or to pause; the next step finds what it has not done.</returns>
    private static bool Interruptibly(Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void WaitUntil(TimeSpan due)
    {
        TimeSpan left = due - Elapsed;
        if (_inGrace.Count > 0 && left > Grace)
            left = Grace;
        if (left > TimeSpan.Zero && _live.Count > 0)
            _wake.WaitOne(left);
    }

    private void Round(WorkLimit limit)
    {
        TimeSpan begin = Elapsed;
        FollowChildren();
        long written = PagesWritten();
        foreach (ProcessMirror mirror in _live.ToArray())
        {
            // What could not be looked at now is looked at in the next round.
            if (!mirror.CatchUp(_sharing, isFrozen: false, limit) && mirror.Watch.IsImageGone)
                Replace(mirror);
            if (limit.IsOver)
                break;
        }

        Rounds++;
        _pacer.AfterRound(PagesWritten() - written, Elapsed - begin);
    }

    private long PagesWritten() => _live.Sum(mirror => mirror.Watch.Counters.WrittenPages);

    /// <summary>The program image is gone: the process has ended, or executes another program and is attached to again.</summary>
    private void Replace(ProcessMirror mirror)
    {
        (int processId, ulong startTime) = (mirror.Watch.ProcessId, mirror.Watch.StartTime);
        // A process that ends loses its memory a moment before it counts as ended.
        bool hasEnded = mirror.Watch.WaitForExit(EndOfProcess);
        if (hasEnded)
            VerifyEnded(mirror);
        Retire([mirror]);
        if (!hasEnded && _options.FollowChildren)
            TryAttach(processId, startTime, mirror.Watch.Failure is null ? Executed : Failed);
        NoticeEnd();
    }

    private void RetireEnded()
    {
        List<ProcessMirror> ended = _live.FindAll(mirror => mirror.Watch.WaitForExit(TimeSpan.Zero));
        foreach (ProcessMirror mirror in ended)
            VerifyEnded(mirror);
        Retire(ended);
        NoticeEnd();
    }

    /// <summary>
    /// Lets them go and keeps of each what the report says: a tree of processes that lasts for days must not need more and more memory.
    /// </summary>
    private void Retire(List<ProcessMirror> mirrors)
    {
        if (mirrors.Count == 0)
            return;
        _live.RemoveAll(mirrors.Contains);
        _watcher.Release(mirrors.ConvertAll(mirror => mirror.Watch));
        foreach (ProcessMirror mirror in mirrors)
        {
            mirror.Dispose();
            if (_ended.Count < MaxEndedNamed || mirror.Differences.Count > 0 || mirror.Watch.Failure is not null)
                _ended.Add(mirror);
            else
                _endedUnnamed.Add(mirror);
        }
    }

    private void NoticeEnd()
    {
        if (_launched is { } launched && TargetExitCode is null)
            TargetExitCode = launched.WaitForExit(TimeSpan.Zero);
    }

    private void AddMirror(WatchedProcess watch, string foundBy)
    {
        watch.Changed = () => _wake.Set();
        LookLog? log = _options.KeepsLooks ? new LookLog() : null;
        _live.Add(new ProcessMirror(watch, CommandOf(watch.ProcessId), foundBy, _options.KeepsBytes, log, ++_programs)
        {
            Checkpoint = _interruption.Checkpoint,
        });
    }
}
