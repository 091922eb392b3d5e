using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <content>Comparison with the frozen target.</content>
internal sealed unsafe partial class ProcessMirror
{
    private const int MaxDifferencesKept = 16;
    private const string WrittenWhileFrozen =
        "written while the process was frozen: by the kernel (direct I/O) or by a process that shares it";
    private const string MayBeBuffer =
        "differs, but may be a registered buffer of an io_uring whose descriptor is closed: the kernel does not show its buffers";

    private readonly ulong[] _comparedPages = new ulong[PagesPerFault];
    private readonly ulong[] _comparedAddresses = new ulong[PagesPerFault];
    private readonly int[] _comparedFrames = new int[PagesPerFault];
    private int _differencesBefore;
    private long _lastCompared;

    /// <summary>Pages compared, all freezes together.</summary>
    internal long PagesCompared { get; private set; }

    /// <summary>Addresses of the first pages that differed, for the report.</summary>
    internal List<ulong> Differences { get; } = [];

    /// <summary>
    /// Compares every copy, or its hash, with the target's memory; only while it is frozen and after <see cref="CatchUp"/>. A page that
    /// changes under a frozen target is written by somebody else, and named as not mirrored. If the target is killed meanwhile, its memory
    /// is gone: the result is what was compared until then.
    /// </summary>
    internal Comparison Compare()
    {
        _differencesBefore = Differences.Count;
        _lastCompared = 0;
        var result = default(Comparison);
        ulong next = 0;
        while (true)
        {
            Checkpoint();
            using (_device.Lock.Hold())
            {
                int count = _device.Table.CopyEntries(next, ulong.MaxValue >> PageTable.PageShift, _comparedPages, _comparedFrames);
                if (count == 0 || !CompareBatch(count, ref result))
                    break;
                next = _comparedPages[count - 1] + 1;
            }
        }

        PagesCompared += result.Compared;
        _lastCompared = result.Compared;
        return result;
    }

    /// <summary>Forgets what the last comparison found: the target was not still after all.</summary>
    internal void TakeBackComparison()
    {
        Differences.RemoveRange(_differencesBefore, Differences.Count - _differencesBefore);
        PagesCompared -= _lastCompared;
        _lastCompared = 0;
    }

    /// <returns>False if the memory is gone.</returns>
    private bool CompareBatch(int count, ref Comparison result)
    {
        for (int i = 0; i < count; i++)
            _comparedAddresses[i] = _comparedPages[i] << PageTable.PageShift;
        fixed (byte* staging = _staging)
        {
            if (Watch.ReadPages(_comparedAddresses.AsSpan(0, count), staging, _wasRead) != Errno.None)
                return false;
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> target = _staging.AsSpan(i * PageCopies.PageBytes, PageCopies.PageBytes);
            if (_wasRead[i] && _device.Matches(_comparedFrames[i], target))
                result.Compared++;
            else if (_wasRead[i] && ChangesWhileFrozen(_comparedAddresses[i], target))
                NameDiffering(_comparedAddresses[i], WrittenWhileFrozen);
            else if (_hasHiddenRing)
                NameDiffering(_comparedAddresses[i], MayBeBuffer);
            else
                CountDifference(_comparedAddresses[i], ref result);
        }

        return true;
    }

    private bool ChangesWhileFrozen(ulong address, ReadOnlySpan<byte> firstLook)
    {
        byte* again = stackalloc byte[PageCopies.PageBytes];
        MemoryReadResult read = ProcessMemory.Read(Watch.MemoryId, address, address + (PageSize.Bytes - 1), again);
        return read.Bytes == PageCopies.PageBytes && !firstLook.SequenceEqual(new ReadOnlySpan<byte>(again, PageCopies.PageBytes));
    }

    /// <summary>Names a page that differs for a reason that is not the mirror's; neighbours become one note.</summary>
    private void NameDiffering(ulong address, string reason)
    {
        var page = new AddressRange(address, address + (PageSize.Bytes - 1));
        if (NotMirrored.Count > 0 && NotMirrored[^1] is { } last && last.Reason == reason && last.Range.Last + 1 == address)
            NotMirrored[^1] = last with { Range = new AddressRange(last.Range.Start, page.Last), Pages = last.Pages + 1 };
        else
            NotMirrored.Add(new MemoryNote(page, "", reason, 1));
    }

    private void CountDifference(ulong address, ref Comparison result)
    {
        result.Compared++;
        result.Differing++;
        if (Differences.Count < MaxDifferencesKept)
            Differences.Add(address);
    }
}
