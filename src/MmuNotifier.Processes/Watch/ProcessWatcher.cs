using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Watches the memory of other processes: attaches to running ones, launches programs, stops them all at one moment. Owns the two threads
/// that this takes, the event reader and the tracer. Its methods are for one thread, the owner's; none of them may run on the other two.
/// </summary>
internal sealed class ProcessWatcher : IDisposable
{
    private const UserfaultfdFeatures Features =
        UserfaultfdFeatures.EventFork | UserfaultfdFeatures.EventRemap | UserfaultfdFeatures.EventRemove | UserfaultfdFeatures.EventUnmap
        | UserfaultfdFeatures.WriteProtectHugeAndShared | UserfaultfdFeatures.WriteProtectUnpopulated
        | UserfaultfdFeatures.WriteProtectAsynchronous;

    /// <summary>Of the time for letting processes go, when this process is to end. Less than what EndWatchdog grants.</summary>
    private static readonly TimeSpan HurriedLettingGoLimit = TimeSpan.FromSeconds(3);

    private readonly CancellationToken _hurry;
    private readonly EventPump _pump;
    private readonly PtraceThread _ptrace;
    private readonly PtraceThreads _freezers;
    private readonly MappingNameCache _names = new();
    private readonly Dictionary<FileIdentity, bool> _codeFiles = [];

    /// <param name="hurry">Cancelled when this process is to end.</param>
    /// <exception cref="ProcessAttachException">No descriptor or thread is left.</exception>
    internal ProcessWatcher(CancellationToken hurry = default)
    {
        _hurry = hurry;
        EventPump? pump = null;
        try
        {
            pump = new EventPump();
            _ptrace = new PtraceThread(hurry);
        }
        catch (InvalidOperationException exception)
        {
            pump?.Dispose();
            throw new ProcessAttachException($"No process can be watched: {exception.Message}", exception);
        }

        _pump = pump;
        _freezers = new PtraceThreads(hurry);
    }

    /// <summary>
    /// Called after each step at a target with its name, on whatever thread makes it: for tests, in which the target changes there.
    /// </summary>
    internal Action<string>? AfterStep { get; init; }

    /// <summary>
    /// How long <see cref="Release"/> takes at most to let processes go gently. What is left of their memory then is unregistered by the
    /// kernel in one go, for which they wait.
    /// </summary>
    internal TimeSpan LettingGoLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the memory of a launched program is kept when it has ended, until its watch is released.</summary>
    internal bool KeepsMemoryOfEnded { get; init; } = true;

    /// <summary>Whether the address space of a process that executes another program exits although nobody looks.</summary>
    internal bool NoticesExecs { get; init; }

    /// <summary>Whether the caller runs in a callback that the event reader has made.</summary>
    internal bool IsEventReader => _pump.IsCurrentThread;

    /// <summary>Throws if this machine cannot watch memory at all.</summary>
    /// <exception cref="ProcessAttachException">The kernel lacks something; the message names it.</exception>
    internal static void RequireSupport(KernelSupport support)
    {
        if (support.DescribeMissing() is { } missing)
            throw new ProcessAttachException(missing);
    }

    /// <summary>Attaches to a running process; it is stopped for some milliseconds.</summary>
    /// <exception cref="ProcessAttachException">It cannot be attached to, and nothing was changed; the message says why.</exception>
    /// <param name="processId">Its number.</param>
    /// <param name="startTime">When it was started; null for whichever process has the number.</param>
    internal WatchedProcess Attach(int processId, ulong? startTime = null)
    {
        HashSet<int> strangers = [.. ProcessTree.All()];
        strangers.ExceptWith(MemoryPartners.Find(LiveThread.Find(processId), strangers));
        TimeSpan stop = TimeSpan.Zero;
        WatchedProcess watch = Attachment.Run(
            _ptrace,
            processId,
            stopped => Watch(stopped, strangers),
            afterStep: AfterStep,
            startTime: startTime,
            onReleased: elapsed => stop = elapsed);
        watch.AttachStop = stop;
        return watch;
    }

    /// <summary>Launches a program; it runs from when the result's <see cref="LaunchedProgram.Stopped"/> is released.</summary>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">What follows the program's name.</param>
    /// <param name="streams">What its standard streams are.</param>
    /// <param name="watch">The watch of its memory.</param>
    /// <exception cref="ProcessAttachException">It cannot be run or watched; the message says why.</exception>
    internal LaunchedProgram Launch(string program, IReadOnlyList<string> arguments, ProgramStreams streams, out WatchedProcess watch)
    {
        LaunchedProgram launched = ProgramLauncher.Launch(_ptrace, program, arguments, streams, AfterStep);
        try
        {
            watch = Watch(launched.Stopped, new HashSet<int>());
            return launched;
        }
        catch (Exception exception)
        {
            launched.Dispose();
            if (exception is TargetChangedException)
                throw new ProcessAttachException($"{program} could not be watched from its start: {exception.Message}", exception);
            throw;
        }
    }

    /// <summary>Launches a program that runs at once and is not watched; it can be attached to like any other.</summary>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">What follows the program's name.</param>
    /// <param name="streams">What its standard streams are.</param>
    /// <exception cref="ProcessAttachException">It cannot be run; the message says why.</exception>
    internal LaunchedProgram LaunchUnwatched(string program, IReadOnlyList<string> arguments, ProgramStreams streams)
    {
        LaunchedProgram launched = ProgramLauncher.Launch(_ptrace, program, arguments, streams, AfterStep);
        launched.Stopped.Release();
        return launched;
    }

    /// <summary>
    /// Stops every thread of all the processes. If one cannot be stopped in time, all run again. While it runs, the event reader continues
    /// reading: a thread that waits for its event to be read can only be stopped when it was.
    /// </summary>
    /// <param name="watches">The processes.</param>
    /// <param name="limit">How long the threads of each get to stop.</param>
    /// <param name="preparation">What was found out while they ran.</param>
    /// <param name="drainLimit">How long the event reader gets to handle what waits when all have stopped.</param>
    internal FrozenProcesses Freeze(
        IReadOnlyCollection<WatchedProcess> watches,
        TimeSpan limit,
        FreezePreparation? preparation = null,
        TimeSpan? drainLimit = null) => FrozenProcesses.Freeze(_freezers, _pump, watches, limit, preparation, AfterStep, drainLimit);

    /// <summary>
    /// For a process that has ended and whose memory is kept: its last events have to be handled, and what still runs in its memory is
    /// stopped.
    /// </summary>
    internal FrozenProcesses FreezeEnded(WatchedProcess watch, TimeSpan limit, FreezePreparation preparation) =>
        FrozenProcesses.FreezeEnded(_freezers, _pump, watch, limit, preparation, AfterStep);

    /// <summary>Which shared memory of these processes others can write.</summary>
    internal MemorySharing SurveySharing(IReadOnlyCollection<WatchedProcess> watches) => MemorySharing.Survey(watches, _names);

    /// <summary>The program image of a watch is gone: its address space exits. The watch is still to be released.</summary>
    internal void End(WatchedProcess watch)
    {
        _pump.Remove([watch]);
        watch.End();
    }

    /// <summary>Ends watches and lets the processes go, as they were before.</summary>
    internal void Release(params IReadOnlyCollection<WatchedProcess> watches)
    {
        var deadline = new Deadline(LettingGoLimit, HurriedLettingGoLimit, _hurry);
        try
        {
            foreach (WatchedProcess watch in watches)
                watch.LetGo(() => deadline.IsOver);
        }
        finally
        {
            _pump.Remove(watches);
            foreach (WatchedProcess watch in watches)
                watch.Dispose();
        }
    }

    public void Dispose()
    {
        _pump.Dispose();
        _ptrace.Dispose();
        _freezers.Dispose();
    }

    /// <remarks>
    /// The target's own copy of the userfaultfd is closed before the first registration is made: if we died with a registration that the
    /// target's copy kept alive, its next munmap would wait for ever.
    /// </remarks>
    /// <param name="stopped">The process.</param>
    /// <param name="strangers">
    /// Processes that were seen not to run in its memory before it was stopped, so that it does not wait for that. A process gets into the
    /// memory of another one when it is made, so they do not run in it now, unless a number has passed on within these milliseconds.
    /// </param>
    private WatchedProcess Watch(StoppedProcess stopped, IReadOnlySet<int> strangers)
    {
        int processId = stopped.ProcessId;
        int threadId = stopped.MemoryThreadId;
        (InjectedUserfaultfd injected, MemoryHolder? holder) = InjectAlone(stopped, strangers);
        var userfaultfd = new UserfaultfdDescriptor(injected.Handle);
        ProcessDescriptor? process = null;
        PageMap? pageMap = null;
        ProcessMaps? maps = null;
        SafeFileHandle? memory = null;
        try
        {
            HandshakeResult handshake = userfaultfd.Handshake(Features);
            if (!handshake.Succeeded)
                throw new ProcessAttachException(
                    $"The userfaultfd of process {processId} refuses its handshake (error {(int)handshake.Error}).");
            process = ProcessDescriptor.Open(processId, out Errno error) ?? throw CannotOpen(processId, error);
            int memoryId = holder?.ProcessId ?? threadId;
            pageMap = PageMap.Open(memoryId, out error) ?? throw CannotOpen(processId, error);
            maps = ProcessMaps.Open(memoryId, _names, out error) ?? throw CannotOpen(processId, error);
            string memoryFile = string.Create(CultureInfo.InvariantCulture, $"/proc/{memoryId}/mem");
            memory = Syscall.OpenForReading(memoryFile, out error) ?? throw CannotOpen(processId, error);
            bool hasForkEvents = (handshake.Granted & UserfaultfdFeatures.EventFork) != 0;
            var watch = new WatchedProcess(processId, userfaultfd, process, pageMap, maps, memory, holder, hasForkEvents)
            {
                StartTime = ProcessStatus.ReadStartTime(processId, out _),
                AfterStep = AfterStep,
                NoticesExec = NoticesExecs,
                CodeFiles = _codeFiles,
            };
            _pump.Add(watch);
            return watch;
        }
        catch
        {
            memory?.Dispose();
            maps?.Dispose();
            holder?.Dispose();
            pageMap?.Dispose();
            process?.Dispose();
            userfaultfd.Dispose();
            throw;
        }
    }

    /// <remarks>
    /// A process in the same memory is stopped as well: the call is prepared in memory that nobody else must use meanwhile.
    /// </remarks>
    private (InjectedUserfaultfd Injected, MemoryHolder? Holder) InjectAlone(StoppedProcess stopped, IReadOnlySet<int> strangers)
    {
        var partners = new List<(StoppedProcess Process, PtraceThread Thread)>();
        try
        {
            foreach (int partner in MemoryPartners.Find(stopped.MemoryThreadId, ProcessTree.All().Where(id => !strangers.Contains(id))))
            {
                if (partner != stopped.ProcessId)
                    StopPartner(partner, partners);
            }

            bool isHeld = stopped.IsOwnChild && KeepsMemoryOfEnded;
            return (UserfaultfdInjection.Create(stopped), isHeld ? MemoryHolder.TryCreate(stopped) : null);
        }
        finally
        {
            foreach ((StoppedProcess partner, PtraceThread thread) in partners)
            {
                partner.Release();
                _freezers.Return(thread);
            }
        }
    }

    private void StopPartner(int processId, List<(StoppedProcess Process, PtraceThread Thread)> partners)
    {
        PtraceThread? thread = null;
        StoppedProcess? partner = null;
        try
        {
            thread = _freezers.Borrow();
            partner = StoppedProcess.TryFreeze(thread, processId).Process;
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw new ProcessAttachException($"Process {processId} cannot be stopped: {exception.Message}", exception);
        }
        finally
        {
            if (partner is not null)
                partners.Add((partner, thread!));
            else if (thread is not null)
                _freezers.Return(thread);
        }
    }

    private static ProcessAttachException CannotOpen(int processId, Errno error) =>
        new($"Process {processId} cannot be looked into (error {(int)error}): it has exited, or /proc is mounted with hidepid; run this "
            + "as root.");
}
