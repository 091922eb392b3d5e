using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The memory of a running process as an <see cref="AddressSpace"/>: what happens to it becomes invalidations there. One
/// stands for one program image: when the process executes another program, or exits, the address space exits.
/// </summary>
/// <remarks>
/// Two threads work on it: the event reader (<see cref="EventPump"/>), and the owner's, which refreshes and scans. Events are already
/// under way when the target is allowed to proceed, so a copy of its memory is committed only under <see cref="Fence"/> and a read section.
/// </remarks>
internal sealed partial class WatchedProcess : IDisposable
{
    private readonly UserfaultfdDescriptor _userfaultfd;
    private readonly ProcessDescriptor _process;
    private readonly PageMap _pageMap;
    private readonly ProcessMaps _maps;
    private readonly SafeFileHandle _memory;
    private readonly LiveThread _thread;
    private readonly MemoryHolder? _holder;

    // Of the event reader's thread; when that has let the watch go, of whoever ends it.
    private readonly UserfaultEvent[] _events = new UserfaultEvent[EventsPerRead];
    private readonly RemovalTracker<PendingRemoval> _pendingRemovals = new(RemovalLimits.OfMirrors, TimeProvider.System);
    private readonly List<UserfaultfdDescriptor> _children = [];

    /// <summary>Its own lock: ranges whose copies are thrown away when the target is stopped.</summary>
    private readonly List<AddressRange> _doubtful = [];

    // Of the owner's thread.
    private readonly List<MappingChange> _changes = [];
    private MapsSnapshot _snapshot = new();
    private MapsSnapshot _snapshotBefore = new();
    private List<MappingState> _states = [];
    private List<MappingState> _statesBefore = [];
    private bool _isReadSinceFreeze;
    private bool _mustJoin = true;
    private bool _leavesMemory;

    // Read by both threads.
    private volatile bool _isFrozen;
    private volatile bool _isClosed;
    private volatile bool _exitNoticed;

    internal WatchedProcess(
        int processId,
        UserfaultfdDescriptor userfaultfd,
        ProcessDescriptor process,
        PageMap pageMap,
        ProcessMaps maps,
        SafeFileHandle memory,
        MemoryHolder? holder,
        bool hasForkEvents)
    {
        ProcessId = processId;
        _userfaultfd = userfaultfd;
        _process = process;
        _pageMap = pageMap;
        _maps = maps;
        _memory = memory;
        _thread = new LiveThread(processId);
        _holder = holder;
        HasForkEvents = hasForkEvents;
    }

    internal int ProcessId { get; }

    /// <summary>Tells it from a later process with the same number.</summary>
    internal ulong StartTime { get; init; }

    /// <summary>The number under which the kernel shows the descriptors, as of the last refresh or read.</summary>
    internal int MemoryThreadId => _thread.Id;

    /// <summary>
    /// By which number the memory is read: while a holder keeps it, it stays that of this program when another one is executed.
    /// </summary>
    internal int MemoryId => _holder is { IsAlive: true } ? _holder.ProcessId : _thread.Id;

    /// <summary>The process that keeps the memory; null if there is none.</summary>
    internal int? HolderId => _holder?.ProcessId;

    /// <summary>Whether the process has ended and its memory is kept as it was then, until this is disposed.</summary>
    internal bool IsKeptAfterEnd => !IsOver && _holder is { IsAlive: true } && _process.WaitForExit(0);

    /// <summary>Called after each step of the owner at the target: for tests, in which the target changes there.</summary>
    internal Action<string>? AfterStep { get; init; }

    internal AddressSpace Space { get; } = new();

    internal EventFence Fence { get; } = new();

    internal WatchCounters Counters { get; } = new();

    internal PageMap PageMap => _pageMap;

    /// <summary>Whether forks are reported by events; without CAP_SYS_PTRACE children are found by looking for them only.</summary>
    internal bool HasForkEvents { get; }

    /// <summary>Why the watch was given up, if it was.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>How long it was stopped to be attached to; zero if it was launched.</summary>
    internal TimeSpan AttachStop { get; set; }

    /// <summary>Called on the event reader's thread with each event, before it becomes invalidations; must not wait.</summary>
    internal Action<MemoryChange>? Noticed { get; set; }

    /// <summary>Called on the event reader's thread with the userfaultfd of each child that the target has forked; must not wait.</summary>
    internal Action<UserfaultfdDescriptor> CloseChild { get; set; } = static child => child.Dispose();

    /// <summary>Called on the event reader's thread when the target has forked or exited; must not wait.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Whether the process has exited or executed another program, or the watch was given up: nothing more comes.</summary>
    internal bool IsOver => _isClosed || Space.HasExited;

    /// <summary>
    /// Whether the program image has really gone, when a step has failed as if it had. Two independent answers of the kernel: one alone may
    /// have failed for another reason.
    /// </summary>
    internal bool IsImageGone => IsOver || (_holder is { IsAlive: true }
        ? !IsKeptAfterEnd && Kcmp.SameAddressSpace(MemoryThreadId, _holder.ProcessId) == false
        : !_userfaultfd.IsTargetAlive() && !_pageMap.IsAlive());

    /// <summary>Waits until the process itself has exited, at most so long; whether it has.</summary>
    internal bool WaitForExit(TimeSpan limit) => _process.WaitForExit((int)limit.TotalMilliseconds);

    /// <summary>
    /// Whether the program is still there, or its memory as it left it. The memory outlives an exec when it is held: then another address
    /// space says so.
    /// </summary>
    private bool IsImageThere() => _holder is not { IsAlive: true }
        ? _userfaultfd.IsTargetAlive()
        : IsKeptAfterEnd || Kcmp.SameAddressSpace(MemoryThreadId, _holder.ProcessId) == true;

    /// <summary>For poll; -1 when there is nothing to read any more.</summary>
    internal int EventDescriptor => _isClosed ? -1 : (int)_userfaultfd.Handle.DangerousGetHandle();

    /// <summary>For poll; readable when the process has exited; -1 when that was noticed.</summary>
    internal int ExitDescriptor => _isClosed || _exitNoticed ? -1 : (int)_process.Handle.DangerousGetHandle();

    /// <summary>
    /// Copies whole pages of the target, as <see cref="ProcessMemory.ReadPages"/> does, also when the main thread has just ended and others
    /// live on.
    /// </summary>
    internal unsafe Errno ReadPages(ReadOnlySpan<ulong> addresses, void* destination, Span<bool> wasRead)
    {
        int number = MemoryId;
        Errno error = ProcessMemory.ReadPages(number, addresses, destination, wasRead);
        if (error != Errno.None && _thread.LookAgain())
        {
            number = MemoryId;
            error = ProcessMemory.ReadPages(number, addresses, destination, wasRead);
        }

        AfterStep?.Invoke("read pages");
        // What has ended may have left its number to another process, whose pages these would be.
        return IsStillNumberOfMemory(number) ? error : Errno.NoProcess;
    }

    /// <summary>
    /// Copies memory of this program image and no other, also memory that the program has forbidden itself. Slower than
    /// <see cref="ReadPages"/>; the file belongs to the address space, so no other program or process can be read by mistake.
    /// </summary>
    /// <returns>How many bytes were read, up to the first page that cannot be; -1 if the address space is gone.</returns>
    internal unsafe int Read(ulong address, Span<byte> destination)
    {
        int done = 0;
        fixed (byte* start = destination)
        {
            while (done < destination.Length)
            {
                long read = Syscall.ReadAt(_memory, start + done, (nuint)(destination.Length - done), (long)address + done);
                if (read < 0)
                    break;
                if (read == 0)
                    return -1;
                done += (int)read;
            }
        }

        AfterStep?.Invoke("read memory");
        return done;
    }

    private bool IsStillNumberOfMemory(int number)
    {
        if (_holder is { IsAlive: true } && number == _holder.ProcessId)
            return true;
        return !_process.WaitForExit(0) && (number == ProcessId || LiveThread.IsAlive(ProcessId, number));
    }

    /// <summary>
    /// Ends the watch: closing the userfaultfd takes every registration and protection from the target, and releases the threads that wait
    /// for an event to be read. The event pump must not know the watch any more.
    /// </summary>
    public void Dispose()
    {
        End();
        _process.Dispose();
        _pageMap.Dispose();
        _maps.Dispose();
        _memory.Dispose();
        _holder?.Dispose();
    }

    /// <summary>The process is gone, or another program runs in it: what was watched no longer exists.</summary>
    internal void End()
    {
        _isClosed = true;
        _userfaultfd.Dispose();
        while (_pendingRemovals.Count > 0)
            EndRemoval(_pendingRemovals.Count - 1);
        if (Space.Exit())
            Interlocked.Increment(ref Counters.Exits);
    }

    /// <summary>
    /// Called on the event reader's thread when it cannot continue with this watch. Closing the userfaultfd first frees the target,
    /// whatever has failed here.
    /// </summary>
    internal void GiveUp(Exception failure)
    {
        Failure = failure;
        Interlocked.Increment(ref Counters.EventsLost);
        End();
    }

    /// <summary>Whether the address space exits when the process executes another program, although its owner does not look.</summary>
    internal bool NoticesExec { get; init; }

    /// <summary>Called on the event reader's thread every second.</summary>
    internal void NoticeExec()
    {
        if (NoticesExec && IsImageGone && Space.Exit())
            Interlocked.Increment(ref Counters.Exits);
    }

    /// <summary>Called on the event reader's thread.</summary>
    internal void NoticeExit()
    {
        _exitNoticed = true;
        if (_holder is not { IsAlive: true } && Space.Exit())
            Interlocked.Increment(ref Counters.Exits);
        Changed?.Invoke();
    }
}
