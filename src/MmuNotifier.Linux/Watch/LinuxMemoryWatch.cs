using System.Diagnostics.CodeAnalysis;
using MmuNotifier.FaultHandler;

namespace MmuNotifier.Linux;

/// <summary>
/// Watches this process's own memory by the events of a userfaultfd, which a native thread reads, and reports new mappings and mprotect by
/// perf events. docs/watching-own-memory.md says which calls show how.
/// </summary>
/// <remarks>
/// One is enough for a process: a mapping belongs to one userfaultfd only, so a second watch cannot have what the first one watches. While
/// a mapping is watched, nobody waits in page faults; only munmap, mremap and madvise there wait until the native thread has read their
/// event, which takes no lock that managed code holds.
/// </remarks>
public sealed partial class LinuxMemoryWatch : IMemoryWatch
{
    /// <summary>The name of the meter: docs/observability.md has its instruments.</summary>
    public const string MeterName = "MmuNotifier.Linux";

    // Any thread may use these.
    private readonly WatchMetrics _metrics;
    private readonly ChangeReports _reports;
    private readonly ChangeStamp? _stamp;
    private readonly Thread? _thread;
    private readonly Action<UserfaultEvent> _apply;
    private volatile string? _failure;

    // Guards what the kernel is asked through, what is watched, and what is known of it. (How far the reader is can be asked without it.)
    private readonly Lock _lock = new();
    private readonly EventReader? _reader;
    private readonly MappingRecords? _records;
    private readonly OwnMappings? _mappings;
    private readonly PageMap? _pages;
    private readonly RemovalsUnderWay? _removals;
    private readonly WatchedRanges _ranges = new();
    private readonly IdleRanges _idle = new();
    private readonly List<WriteWatch> _writeWatches = [];
    private readonly List<MappingRecord> _found = new(MaxRecords);
    private readonly List<PageRegion> _regions = [];
    private bool _isFailureReported;

    /// <summary>Written under the lock.</summary>
    private volatile bool _isDisposed;

    /// <summary>
    /// Starts watching. <see cref="Failure"/> says what the kernel or this process cannot do; nothing is thrown for that. See also
    /// <see cref="TryCreate"/>.
    /// </summary>
    /// <param name="space">Where changes are reported.</param>
    /// <param name="options">How it looks for them; null for the defaults.</param>
    public LinuxMemoryWatch(AddressSpace space, LinuxMemoryWatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(space);
        Space = space;
        _reports = new ChangeReports(space);
        _apply = Apply;
        options ??= new LinuxMemoryWatchOptions();
        _metrics = new WatchMetrics(this, options.MeterFactory);
        RecordsFailure = "nothing can be watched";
        _mappings = OwnMappings.Open(out string? lack);
        Errno error = Errno.None;
        if (lack is null && (_pages = PageMap.Open(Environment.ProcessId, out error)) is null)
            lack = $"the page table cannot be read ({ErrorText.Of(error)})";
        if (lack is null && (_stamp = ChangeStamp.Create(out error)) is null)
            lack = $"no memory that is wiped on fork ({ErrorText.Of(error)})";
        if (lack is null)
            _reader = EventReader.Create(_stamp!, out lack);
        if (lack is null)
        {
            _records = OpenRecords(options, out string? recordsFailure);
            RecordsFailure = recordsFailure;
            if (_records is null || !options.AssumeNoForeignRemap)
                _stamp!.Ask(_reader!.Userfaultfd);
            _removals = new RemovalsUnderWay(_reader!.Userfaultfd, _pages!, _mappings!, _reader.IsQuiet, NoteWritten, TimeProvider.System);
            _thread = StartThread(out lack);
        }

        if (lack is null)
        {
            if (RecordsFailure is not null)
                WatchEventSource.Log.RecordsMissing(RecordsFailure);
            return;
        }

        // The mappings stay: changes that are made through the watch are announced even so.
        _failure = $"This process's memory cannot be watched: {lack}.";
        WatchEventSource.Log.WatchFailed(_failure);
        _reader?.Dispose();
        _records?.Dispose();
        (_reader, _records) = (null, null);
    }

    /// <summary>
    /// Starts watching, or says why that is not possible. For programs that do without a cache when there is no watch; with the
    /// constructor, a cache registers for each lease alone.
    /// </summary>
    /// <param name="space">Where changes are reported.</param>
    /// <param name="options">How it looks for them; null for the defaults.</param>
    /// <param name="watch">The watch, to be disposed; null if there is none.</param>
    /// <param name="reason">What the kernel or this process cannot do, in a sentence; null if there is a watch.</param>
    /// <returns>False if memory cannot be watched: nothing is left open then.</returns>
    public static bool TryCreate(
        AddressSpace space,
        LinuxMemoryWatchOptions? options,
        [NotNullWhen(true)] out LinuxMemoryWatch? watch,
        [NotNullWhen(false)] out string? reason)
    {
        watch = new LinuxMemoryWatch(space, options);
        reason = watch.Failure;
        if (reason is null)
            return true;
        watch.Dispose();
        watch = null;
        return false;
    }

    /// <inheritdoc/>
    public AddressSpace Space { get; }

    /// <inheritdoc/>
    public string? Failure => _failure ?? FailureOfReader();

    /// <summary>
    /// Whether new mappings and mprotect are recorded. Otherwise mprotect is not seen, nor a mapping that replaces watched memory without
    /// an event (docs/watching-own-memory.md).
    /// </summary>
    public bool HasRecords => _records is not null;

    /// <summary>Why <see cref="HasRecords"/> is false; null if it is true.</summary>
    public string? RecordsFailure { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// One system call, which takes no lock and waits for nothing; without it, a few loads:
    /// <see cref="LinuxMemoryWatchOptions.AssumeNoForeignRemap"/>.
    /// </remarks>
    public ulong Stamp => _stamp is null ? 0 : _stamp.Read();

    /// <summary>The kernel's number of the native thread that reads the events; 0 before it runs.</summary>
    internal unsafe int ReaderThreadId => _stamp is null ? 0 : Volatile.Read(ref _stamp.Header->ThreadId);

    /// <summary>How often the reader has announced events.</summary>
    internal ulong AnnouncedEvents => _reader?.Announced ?? 0;

    /// <summary>How often the page table was looked at.</summary>
    internal long Scans => _pages?.Scans ?? 0;

    /// <summary>For the meter, which may ask while the watch is being made.</summary>
    internal bool HasFailed => _failure is not null || (_thread is not null && FailureOfReader() is not null);

    /// <summary>For the meter: read without the lock, as of some moment.</summary>
    internal int WatchedRangeCount => _ranges.Count;

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
            if (_reader?.IsRunning == true)
                LetIdleGo(int.MaxValue);
        }

        _metrics.Dispose();
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

    private MappingRecords? OpenRecords(LinuxMemoryWatchOptions options, out string? lack)
    {
        lack = "they are not wanted";
        MappingRecords? records = options.UsePerfEvents ? MappingRecords.Open(_reader!.ThreadId, out lack) : null;
        if (records is not null)
            _stamp!.Include(records);
        return records;
    }

    private Thread? StartThread(out string? lack)
    {
        lack = null;
        var thread = new Thread(Follow) { IsBackground = true, Name = "mmun own memory" };
        try
        {
            thread.UnsafeStart();
            return thread;
        }
        catch (OutOfMemoryException)
        {
            // The runtime says so too when it has no file descriptor for the thread.
            lack = "no thread can be started (is there memory, and a file descriptor?)";
            return null;
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
