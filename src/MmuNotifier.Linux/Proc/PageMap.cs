using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// The page table of a process, as /proc/pid/pagemap shows it. The open file belongs to the address space, not to the process: after
/// an exec it shows nothing any more, which is reported as <see cref="PageMapStatus.ProcessGone"/>. Calls may run at the same time.
/// </summary>
internal sealed unsafe partial class PageMap : IDisposable
{
    private const int RegionsPerCall = 1024;

    // A scan holds the lock of the address space: this bounds the time for which the process cannot map or unmap (about 1 ms a call).
    private const ulong MaxArmedPagesPerCall = 32768;

    private readonly SafeFileHandle _file;
    private long _scans;

    private PageMap(SafeFileHandle file) => _file = file;

    /// <summary>Opens the page table of a process; null with the error.</summary>
    internal static PageMap? Open(int processId, out Errno error)
    {
        SafeFileHandle? file = Syscall.OpenForReading($"/proc/{processId}/pagemap", out error);
        return file is null ? null : new PageMap(file);
    }

    /// <summary>Whether the kernel has PAGEMAP_SCAN.</summary>
    internal static bool CanScan()
    {
        using SafeFileHandle? file = Syscall.OpenForReading("/proc/self/pagemap", out _);
        if (file is null)
            return false;
        var argument = new PageMapScanArgument { Size = PageMapScanArgument.SizeBytes, Start = 4096, End = 8192 };
        return Syscall.Ioctl(file, PageMapScanArgument.Request, &argument) >= 0;
    }

    /// <summary>How many scans the kernel was asked for.</summary>
    internal long Scans => Volatile.Read(ref _scans);

    /// <summary>
    /// One PAGEMAP_SCAN over [start, last] into the buffer: as far as it has room, or up to maxPages reported pages (0: no limit).
    /// What comes from walkEnd on has not been looked at. An empty address space is not distinguished from a vanished one here.
    /// </summary>
    internal PageMapStatus Scan(
        ulong start,
        ulong last,
        Span<PageRegion> regions,
        PageScanFlags flags,
        in PageFilter filter,
        ulong maxPages,
        out int count,
        out ulong walkEnd)
    {
        fixed (PageRegion* buffer = regions)
        {
            var argument = new PageMapScanArgument
            {
                Size = PageMapScanArgument.SizeBytes,
                Flags = (ulong)flags,
                Start = start,
                End = last + 1,
                Vector = (ulong)buffer,
                VectorLength = (ulong)regions.Length,
                MaxPages = maxPages,
                CategoryInverted = (ulong)filter.Inverted,
                CategoryMask = (ulong)filter.All,
                CategoryAnyOf = (ulong)filter.Any,
                ReturnMask = (ulong)filter.Returned,
            };
            Interlocked.Increment(ref _scans);
            long result = Syscall.Ioctl(_file, PageMapScanArgument.Request, &argument);
            count = (int)Math.Max(result, 0);
            walkEnd = argument.WalkEnd;
            return StatusOf(Syscall.ErrorOf(result));
        }
    }

    /// <summary>
    /// Appends the pages of [start, last] that were written since they were last armed, or first touched since they were registered;
    /// with arm, arms them again in the same step, so that no write falls between. Needs WP_ASYNC with WP_UNPOPULATED.
    /// </summary>
    internal PageMapStatus ScanWritten(ulong start, ulong last, bool arm, List<PageRegion> regions) => arm
        ? ScanAll(start, last, PageScanFlags.ProtectMatching | PageScanFlags.RequireProtectable, PageFilter.Written, regions)
        : ScanAll(start, last, PageScanFlags.None, PageFilter.Written, regions);

    /// <summary>
    /// Appends the pages of [start, last] that are present or swapped out: those that can be read without being made. Markers of
    /// protection or of guards count as swapped out.
    /// </summary>
    internal PageMapStatus ScanPresent(ulong start, ulong last, List<PageRegion> regions) =>
        ScanAll(start, last, PageScanFlags.None, PageFilter.Populated, regions);

    /// <summary>Appends what the filter selects in [start, last], however many calls it takes.</summary>
    internal PageMapStatus ScanAll(ulong start, ulong last, PageScanFlags flags, in PageFilter filter, List<PageRegion> regions)
    {
        PageMapStatus status = Append(start, last, flags, in filter, regions);
        // A scan of a dead address space succeeds and finds nothing.
        return status == PageMapStatus.Complete && !IsAlive() ? PageMapStatus.ProcessGone : status;
    }

    /// <summary>
    /// Arms every page of [start, last] that was written and can be armed, and appends it. What is not registered is passed over, and a
    /// dead address space is not distinguished from an empty one: for one of many ranges, of which the caller knows that they are
    /// registered.
    /// </summary>
    internal PageMapStatus ArmWritten(ulong start, ulong last, List<PageRegion> regions) =>
        Append(start, last, PageScanFlags.ProtectMatching, PageFilter.Written, regions);

    private PageMapStatus Append(ulong start, ulong last, PageScanFlags flags, in PageFilter filter, List<PageRegion> regions)
    {
        bool arming = (flags & PageScanFlags.ProtectMatching) != 0;
        int first = regions.Count;
        while (start <= last)
        {
            // The kernel writes straight into the list. Room is made before the call: pages armed but lost for want of memory would
            // never be reported again.
            int used = regions.Count;
            CollectionsMarshal.SetCount(regions, used + RegionsPerCall);
            PageMapStatus status = Scan(
                start,
                last,
                CollectionsMarshal.AsSpan(regions)[used..],
                flags,
                in filter,
                arming ? MaxArmedPagesPerCall : 0,
                out int count,
                out ulong walkEnd);
            CollectionsMarshal.SetCount(regions, used + count);
            if (status != PageMapStatus.Complete)
                return status;
            // Seen: after more than 512 regions walkEnd lies before the last of them, although all was scanned (the kernel sets it only
            // when its buffer is full).
            start = count > 0 ? Math.Max(walkEnd, regions[^1].End) : walkEnd;
            if (used > first && count > 0)
                JoinAtSeam(regions, used);
        }

        return PageMapStatus.Complete;
    }

    /// <summary>Reads the raw entries from a page on; zeros for what has no page table, or no longer exists.</summary>
    /// <returns>False if the kernel did not answer: the remaining zeros mean nothing.</returns>
    internal bool ReadEntries(ulong start, Span<ulong> entries)
    {
        int done = 0;
        long read = 0;
        fixed (ulong* first = entries)
        {
            while (done < entries.Length)
            {
                long offset = (long)((start / PageSize.Bytes) + (ulong)done) * sizeof(ulong);
                read = Syscall.ReadAt(_file, first + done, (nuint)((entries.Length - done) * sizeof(ulong)), offset);
                if (read <= 0)
                    break;
                done += (int)(read / sizeof(ulong));
            }
        }

        entries[done..].Clear();
        return read >= 0;
    }

    /// <summary>Whether the address space still exists; a read that fails does not show that it does not.</summary>
    internal bool IsAlive()
    {
        ulong entry;
        return Syscall.ReadAt(_file, &entry, sizeof(ulong), 0) != 0;
    }

    public void Dispose() => _file.Dispose();

    private static void JoinAtSeam(List<PageRegion> regions, int seam)
    {
        PageRegion left = regions[seam - 1];
        PageRegion right = regions[seam];
        if (left.End != right.Start || left.Categories != right.Categories)
            return;
        regions[seam] = left with { End = right.End };
        regions.RemoveAt(seam - 1);
    }

    private static PageMapStatus StatusOf(Errno error) => error switch
    {
        Errno.None => PageMapStatus.Complete,
        Errno.NotPermitted => PageMapStatus.NotRegistered,
        Errno.NoProcess => PageMapStatus.ProcessGone,
        Errno.InvalidArgument or Errno.NotTypewriter => PageMapStatus.Unsupported,
        _ => PageMapStatus.Failed,
    };
}
