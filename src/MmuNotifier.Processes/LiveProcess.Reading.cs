using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Reading its memory.</content>
public sealed partial class LiveProcess
{
    private const int MaxReads = 16;
    private static readonly TimeSpan ReadLimit = TimeSpan.FromMilliseconds(250);

    private readonly List<PageRegion> _present = [];
    private volatile bool _mustRefresh = true;

    /// <summary>
    /// Reads memory of the running process, in a read section: what is handed out was mapped there all the time, and nothing of it was
    /// unmapped, moved or dropped meanwhile. What the program itself wrote during the read may be in it in part: to get all of it as of one
    /// moment, <see cref="Freeze"/> the process.
    /// </summary>
    /// <param name="address">The first byte.</param>
    /// <param name="destination">Gets the bytes; what is in it is of no use unless the answer counts it.</param>
    /// <param name="read">
    /// How many bytes are there, from the first on: all if the answer is <see cref="ReadOutcome.Complete"/>, those before the first page
    /// that cannot be read if it is <see cref="ReadOutcome.Unreadable"/>, otherwise 0.
    /// </param>
    /// <returns>What became of it. At most 16 attempts are made, and none is begun after 250 ms.</returns>
    /// <remarks>
    /// Also memory that the program has forbidden itself. A page that was never touched reads as zeros, and takes memory in the process
    /// from then on. Copies about 2 GB a second.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would pass the last address.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public ReadOutcome Read(ulong address, Span<byte> destination, out int read)
    {
        using Call call = Enter();
        read = 0;
        if (destination.IsEmpty)
            return ReadOutcome.Complete;
        AddressRange range = AddressRange.FromLength(address, (ulong)destination.Length);
        var backoff = new Backoff(ReadLimit);
        for (int attempt = 0; attempt < MaxReads && !backoff.IsOver; attempt++)
        {
            ProcessReadSection section = ProcessReadSection.Begin(_watch.Fence, _anything, range);
            if (section.Status is ReadStatus.Exited or ReadStatus.Removed)
                return ReadOutcome.Exited;
            ReadOutcome outcome = section.Status == ReadStatus.Open ? ReadNow(range, destination, out read) : ReadOutcome.KeepsChanging;
            if (outcome == ReadOutcome.Exited || !section.MustRetry)
                return outcome;
            read = 0;
            backoff.Wait();
        }

        return ReadOutcome.KeepsChanging;
    }

    /// <summary>
    /// Begins a read section for a notifier of yours: <see cref="Read"/> what you want, take the lock that its callback takes, and keep the
    /// copy only if the section says that it need not be retried. Then the callback hears of every later change, and the copy is never
    /// stale without your knowing. Never waits; may be called at any time.
    /// </summary>
    /// <param name="notifier">A notifier on <see cref="Space"/>.</param>
    /// <param name="part">What will be read, bounds inclusive; inside the notifier's range.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ProcessReadSection BeginRead(IntervalNotifier notifier, AddressRange part)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        return ProcessReadSection.Begin(_watch.Fence, notifier, part);
    }

    /// <summary>One attempt; of a frozen process, whose memory does not change, it is enough.</summary>
    private ReadOutcome ReadNow(AddressRange range, Span<byte> destination, out int read)
    {
        read = 0;
        if (!IsKnown(range) && !RefreshNow() && _watch.IsOver)
            return ReadOutcome.Exited;
        ReadOutcome outcome = MayRead(range);
        if (outcome != ReadOutcome.Complete)
            return outcome;
        int count = _watch.Read(range.Start, destination);
        if (count < 0)
            return ReadOutcome.Exited;
        read = count;
        return count == destination.Length ? ReadOutcome.Complete : ReadOutcome.Unreadable;
    }

    /// <summary>
    /// A read of a device's memory can have effects; a read of memory whose faults the program answers would wait for the program.
    /// </summary>
    private ReadOutcome MayRead(AddressRange range)
    {
        for (int i = FirstFrom(range.Start); i < _watch.Mappings.Count; i++)
        {
            WatchedMapping mapping = _watch.Mappings[i];
            if (!mapping.Range.TryIntersect(range, out AddressRange part))
                break;
            if (mapping.Mapping.Kind == MappingKind.Device)
                return ReadOutcome.Unreadable;
            if (mapping.Coverage != Coverage.ReadWhenFrozen)
                continue;
            if (!IsFrozen)
                return ReadOutcome.NotWhileRunning;
            if (!IsPresent(part))
                return ReadOutcome.Unreadable;
        }

        return ReadOutcome.Complete;
    }

    private bool IsPresent(AddressRange part)
    {
        _present.Clear();
        (ulong start, ulong last) = (part.Start & ~(PageSize.Bytes - 1), part.Last | (PageSize.Bytes - 1));
        PageFilter present = PageFilter.Populated with { All = PageCategories.Present };
        if (_watch.PageMap.ScanAll(start, last, PageScanFlags.None, in present, _present) != PageMapStatus.Complete)
            return false;
        ulong bytes = 0;
        foreach (PageRegion region in _present)
            bytes += region.End - region.Start;
        return bytes == last - start + 1;
    }

    /// <summary>Called on any thread, for every change: what is mapped there may be something else from now on.</summary>
    private InvalidateResult NoteChange(in Invalidation invalidation)
    {
        if (invalidation.Event == InvalidationEvent.Unmap)
        {
            lock (_unmapped)
                _unmapped.Add(invalidation.Overlap);
        }

        if (invalidation.Event is InvalidationEvent.Unmap or InvalidationEvent.ProtectionVma)
            _mustRefresh = true;
        return InvalidateResult.Done;
    }
}
