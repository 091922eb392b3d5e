using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The memory of another process as a device sees it, through two userfaultfds that the process handed over: one that answers faults, one
/// that only notices the changes of file mappings.
/// </summary>
/// <remarks>
/// <para>The process must work together with this one: it makes the userfaultfds, announces forks and moves
/// (<see cref="PrepareFork"/>, <see cref="PrepareRemap"/>), waits in its requests to devices, and makes some calls for this process
/// meanwhile (<see cref="IProgramCalls"/>). <c>mmun device</c> has a library for programs that do none of it (docs/device.md).</para>
/// <para>Members may be called from any thread, but not from a callback of a notifier. Every wait is bounded by 10 s.</para>
/// </remarks>
public sealed unsafe partial class RemoteMemory : MirroredMemory
{
    // Pages are taken away as follows: their touches are made to wait (registered as missing, protected against writes), the content is
    // copied, the process drops them (madvise, which only it can do: IProgramCalls). A touch then brings the content back.
    //
    // The frame of a page of the process is its page number: nothing is pinned, and an access goes to what is at the address at that
    // moment. That is what a device's program sees too, for it names addresses.
    //
    // Locks, in this order: the mapping lock (held while pages are taken, brought back, or a change is reported; callbacks run under it);
    // the access gate (accesses read-held, so that taking waits for them); the lock of the taken pages, a leaf. Two threads: one reads
    // events and answers the faults for which no device need be asked; it never waits for anything else, because munmap and faults of the
    // process wait for it, and with them every thread that accesses the process's memory from here. The other notifies devices of changes,
    // and brings pages back.

    /// <summary>Bounds every wait for the process or for the event threads.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(10);

    private readonly int _processId;
    private readonly ProcessDescriptor _process;
    private readonly ProcessMaps _maps;
    private readonly PageMap _pageMap;
    private readonly UserfaultfdDescriptor _serving;
    private readonly UserfaultfdDescriptor _noticing;
    private readonly bool _seesForks;

    // The threads, and what goes from the reader to the reporter.
    private readonly ChangeQueue _changes = new();
    private readonly WakeDescriptor _stop;
    private Thread? _eventReader;
    private Thread? _reporter;
    private volatile bool _isStopping;

    // Each has its own lock.
    private readonly RegisteredMappings _mappings;
    private readonly ExclusiveFrames _exclusiveFrames = new();

    // Held while pages are taken, brought back, or a change is reported. It guards whether the pages that are collected now can be taken
    // out of the process.
    private readonly Lock _mappingLock = new();
    private bool _collectsTakeable;

    private readonly ReaderWriterLockSlim _accessGate = new();

    // The pages that devices have, and all that is guarded by their lock, _taken.Lock: drops that we asked for; removals that may not be
    // over; pages that were faulted in for writing since they last changed, for the page table shows no write bit; the first bytes of huge
    // pages that came back as small ones and have not changed since; pages of which the child that is about to be forked gets nothing, null
    // if no fork was announced.
    private readonly TakenPages _taken = new();
    private readonly OwnDrops _ownDrops = new();
    private readonly PendingRemovals _removals = new(TimeProvider.System);
    private readonly HashSet<ulong> _madeWritable = [];
    private readonly HashSet<ulong> _wholeBlocks = [];
    private HashSet<ulong>? _wipedAtFork;

    /// <summary>
    /// Takes all of them over. The userfaultfds have been handshaken. Nothing happens before <see cref="TryStartThreads"/>.
    /// </summary>
    internal RemoteMemory(
        ProcessDescriptor process,
        ProcessMaps maps,
        PageMap pageMap,
        UserfaultfdDescriptor serving,
        UserfaultfdDescriptor noticing,
        WakeDescriptor stop,
        bool seesForks)
    {
        _stop = stop;
        _seesForks = seesForks;
        _processId = process.ProcessId;
        _process = process;
        _maps = maps;
        _pageMap = pageMap;
        _serving = serving;
        _noticing = noticing;
        _mappings = new RegisteredMappings(serving, noticing);
    }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    /// <summary>The number of the process.</summary>
    public int ProcessId => _processId;

    /// <summary>
    /// Whether the process still has this memory. While it has, its number is no other's: before a write by the number ask this first,
    /// after a read afterwards.
    /// </summary>
    public bool IsAlive => _serving.IsTargetAlive();

    /// <summary>
    /// Why no process can have such a memory on this machine, in words: what the kernel lacks; null if nothing is missing.
    /// </summary>
    public static string? WhyUnsupported() => KernelProbe.Run().DescribeMissing();

    /// <summary>
    /// Whether this process could make a userfaultfd that answers faults of the kernel too, in system calls, as the process needs one: for
    /// that it needs CAP_SYS_PTRACE, or <c>vm.unprivileged_userfaultfd=1</c>.
    /// </summary>
    public static bool IsPermitted()
    {
        using var userfaultfd = UserfaultfdDescriptor.Create(userModeOnly: false, out _);
        return userfaultfd is not null;
    }

    /// <summary>
    /// Takes over two userfaultfds of a process, neither yet handshaken, also when it fails. The process must not exec meanwhile.
    /// </summary>
    /// <param name="processId">The process that made them.</param>
    /// <param name="serving">The one that answers faults.</param>
    /// <param name="noticing">The one that only notices changes.</param>
    /// <param name="error">Why it fails; <see cref="Errno.None"/> if it does not.</param>
    /// <returns>The memory; null with the error. Dispose of it when no device uses it any more.</returns>
    public static RemoteMemory? Open(int processId, SafeFileHandle serving, SafeFileHandle noticing, out Errno error)
    {
        ArgumentNullException.ThrowIfNull(serving);
        ArgumentNullException.ThrowIfNull(noticing);
        var servingDescriptor = new UserfaultfdDescriptor(serving);
        var noticingDescriptor = new UserfaultfdDescriptor(noticing);
        ProcessDescriptor? process = null;
        ProcessMaps? maps = null;
        PageMap? pageMap = null;
        WakeDescriptor? stop = null;
        HandshakeResult handshake = servingDescriptor.Handshake(UserfaultfdFeatures.Serving);
        Errno problem = handshake.Error;
        if (problem == Errno.None)
            problem = noticingDescriptor.Handshake(UserfaultfdFeatures.Noticing).Error;
        if (problem == Errno.None)
            process = ProcessDescriptor.Open(processId, out problem);
        if (problem == Errno.None)
            maps = ProcessMaps.Open(processId, new MappingNameCache(), out problem);
        if (problem == Errno.None)
            pageMap = PageMap.Open(processId, out problem);
        if (problem == Errno.None)
            stop = WakeDescriptor.TryCreate(out problem);
        // What was opened by the number is another's if the process has ended before.
        if (problem == Errno.None && !servingDescriptor.IsTargetAlive())
            problem = Errno.NoProcess;
        error = problem;
        if (error == Errno.None)
        {
            var memory = new RemoteMemory(process!, maps!, pageMap!, servingDescriptor, noticingDescriptor, stop!, !handshake.ForkDenied);
            if (memory.TryStartThreads())
                return memory;
            memory.Dispose();
            error = Errno.NoMemory;
            return null;
        }

        stop?.Dispose();
        pageMap?.Dispose();
        maps?.Dispose();
        process?.Dispose();
        servingDescriptor.Dispose();
        noticingDescriptor.Dispose();
        return null;
    }

    /// <summary>
    /// Before a request of the process is carried out: waits until devices have been notified of every change that it made before, and
    /// notifies them of changed permissions in the range, of which no event comes. Nor does any come of exec, after which the process's
    /// number names another memory.
    /// </summary>
    /// <param name="range">What the request is about, bounds inclusive.</param>
    /// <returns>False if devices have not been notified within the limit: the request must not be carried out.</returns>
    public bool CatchUp(AddressRange range)
    {
        if (!_changes.WaitUntilDone(WaitLimit))
            return false;
        if (!_serving.IsTargetAlive())
            Exit();
        ReportUnnoticedChanges(range);
        return true;
    }

    /// <summary>
    /// To be called before the process forks: takes exclusive access back, as the kernel does, and the names of resident pages, whose
    /// copying on write nobody would see; notifies devices of copy-on-write. The child gets the pages of private devices when the event of
    /// the fork comes; where there are no such events, they are brought back now.
    /// </summary>
    public void PrepareFork()
    {
        _changes.WaitUntilDone(WaitLimit);
        lock (_mappingLock)
        {
            ReturnAll(exceptPrivate: _seesForks);
            using (Space.ReportInvalidation(AddressRange.Whole, InvalidationEvent.ProtectionPage))
            {
                lock (_taken.Lock)
                {
                    _madeWritable.Clear();
                    _wipedAtFork = FindWiped(_taken.AddressesIn(AddressRange.Whole));
                }
            }
        }
    }

    /// <summary>Waits until the children of which it has been heard have got the pages that devices have.</summary>
    /// <returns>False if the time is over.</returns>
    public bool WaitForForks() => _changes.WaitUntilDone(WaitLimit);

    /// <summary>Brings all pages back and lets the process's memory go. No device may use it any more.</summary>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        lock (_mappingLock)
            ReturnAll();
        StopThreads();
        _serving.Dispose();
        _noticing.Dispose();
        Space.Exit();
        lock (_taken.Lock)
            Free(_taken.RemoveAll(AddressRange.Whole));
        _pageMap.Dispose();
        _maps.Dispose();
        _process.Dispose();
        _exclusiveFrames.Dispose();
        _accessGate.Dispose();
    }

    private static void Free(List<TakenPage> pages)
    {
        foreach (TakenPage page in pages)
            page.Free();
    }
}
