using MmuNotifier.FaultHandler;
using MmuNotifier.Hmm;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>
/// Watches this process's own memory by the events of a userfaultfd, which a native thread reads, and tells of new mappings and mprotect by
/// perf events. docs/watching-own-memory.md says which calls show how.
/// </summary>
/// <remarks>
/// One is enough for a process: a mapping belongs to one userfaultfd only, so a second watch cannot have what the first one watches. While
/// a mapping is watched, nobody waits in page faults; only munmap, mremap and madvise there wait until the native thread has read their
/// event, which takes no lock that managed code holds.
/// </remarks>
public sealed partial class OwnMemoryWatch : IMemoryWatch
{
    private readonly object _lock = new();
    private readonly ChangeReports _reports;
    private readonly ChangeStamp? _stamp;
    private readonly EventReader? _reader;
    private readonly MappingRecords? _records;
    private readonly OwnMappings? _mappings;
    private readonly PageMap? _pages;
    private readonly RemovalsUnderWay? _removals;
    private readonly WatchedRanges _ranges = new();
    private readonly Thread? _thread;
    private volatile string? _failure;
    private volatile bool _isDisposed;

    /// <summary>Starts watching. What the kernel or this process cannot do is told by <see cref="Failure"/>, not thrown.</summary>
    /// <param name="space">Where changes are reported.</param>
    /// <param name="useCheapCheck">
    /// False: do without perf events, so that <see cref="Stamp"/> never says that nothing has changed. That costs a system call for each
    /// look, and sees also the one case that they do not show (see docs/watching-own-memory.md).
    /// </param>
    public OwnMemoryWatch(AddressSpace space, bool useCheapCheck = true)
    {
        ArgumentNullException.ThrowIfNull(space);
        Space = space;
        _reports = new ChangeReports(space);
        _apply = Apply;
        CheapCheckLack = useCheapCheck ? "nothing can be watched" : "it is not wanted";
        string? lack = null;
        _mappings = OwnMappings.Open(out lack);
        Errno error = Errno.None;
        if (lack is null && (_pages = PageMap.Open(Environment.ProcessId, out error)) is null)
            lack = $"the page table cannot be read ({error})";
        if (lack is null && (_stamp = ChangeStamp.Create(out error)) is null)
            lack = $"no memory that is wiped on fork ({error})";
        if (lack is null)
            _reader = EventReader.Create(_stamp!, out lack);
        if (lack is not null)
        {
            _failure = $"This process's memory cannot be watched: {lack}.";
            return;
        }

        if (useCheapCheck)
        {
            _records = MappingRecords.Open(_reader!.ThreadId, out string? recordsLack);
            CheapCheckLack = recordsLack;
            if (_records is not null)
                _stamp!.Include(_records);
        }

        _removals = new RemovalsUnderWay(_reader!.Userfaultfd, _pages!, _mappings!, _reader.IsQuiet);
        _thread = new Thread(Follow) { IsBackground = true, Name = "mmun own memory" };
        _thread.UnsafeStart();
    }

    /// <inheritdoc/>
    public AddressSpace Space { get; }

    /// <inheritdoc/>
    public string? Failure => _failure ?? FailureOfReader();

    /// <summary>
    /// Whether an unchanged <see cref="Stamp"/> says that nothing has changed. Else it changes with each look, and <see cref="CatchUp"/>
    /// asks the kernel each time; mprotect is not seen then.
    /// </summary>
    public bool CheapCheckIsComplete => _records is not null;

    /// <summary>Why <see cref="CheapCheckIsComplete"/> is false; null if it is true.</summary>
    public string? CheapCheckLack { get; }

    /// <inheritdoc/>
    public ulong Stamp => _stamp is null ? 0 : _stamp.Read();

    /// <summary>The kernel's number of the native thread that reads the events; 0 before it runs.</summary>
    internal unsafe int ReaderThreadId => _stamp is null ? 0 : Volatile.Read(ref _stamp.Header->ThreadId);

    /// <summary>How often the reader has announced events.</summary>
    internal ulong AnnouncedEvents => _reader?.Announced ?? 0;

    /// <summary>The page that a forked child finds wiped.</summary>
    internal unsafe nint Header => _stamp is null ? 0 : (nint)_stamp.Header;

    /// <summary>For tests that break it.</summary>
    internal int EventDescriptor => (int)(_reader?.Userfaultfd.Handle.DangerousGetHandle() ?? -1);

    /// <summary>
    /// Ends the watch; <see cref="Failure"/> then says so. Not inside callbacks of <see cref="Space"/>. What is watched is let go first: a
    /// forked child may hold the userfaultfd open for longer than this process does.
    /// </summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _failure ??= "The watch has been disposed of.";
            WatchedRange[] watched = [.. _ranges.All];
            _ranges.Clear(); // First: what is still needed is not let go.
            foreach (WatchedRange each in watched)
                AddIdle(each.Range);
            LetIdleGo();
        }

        _reader?.Nudge();
        _thread?.Join();
        lock (_lock)
        {
            _reader?.Dispose();
            _records?.Dispose();
            _pages?.Dispose();
            _mappings?.Dispose();
        }
    }

    private unsafe string? FailureOfReader() => Volatile.Read(ref _stamp!.Header->State) switch
    {
        EventHeader.Running => null,
        EventHeader.Failed => $"The reader of the events has ended with error {_stamp.Header->Error}.",
        _ => "This is a forked child: the events are its parent's.",
    };

    private void Fail(string reason) => _failure ??= reason;
}
