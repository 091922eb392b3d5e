using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// A scan of a whole page table that several threads make together, in parts: a million pages take one of them some 20 ms, which a stopped
/// process waits for.
/// </summary>
/// <param name="pageMap">The page table.</param>
/// <param name="pagesPerPart">Parts have at least about as many pages.</param>
internal sealed class PageTableScan(PageMap pageMap, long pagesPerPart = 1 << 15)
{
    private const int MostParts = 8;

    /// <summary>No huge page of the usual size lies in two parts.</summary>
    private const ulong PartAlignment = 2UL << 20;

    private readonly List<ulong> _starts = [];
    private readonly List<PageRegion>[] _found = [.. Enumerable.Range(0, MostParts).Select(_ => new List<PageRegion>())];
    private readonly PageMapStatus[] _results = new PageMapStatus[MostParts];
    private ulong _last;
    private int _next;

    /// <summary>How many parts there are.</summary>
    internal int Parts => _starts.Count;

    /// <summary>Begins a scan up to an address, in parts with about as many pages each by what an earlier scan has found.</summary>
    internal void Begin(ReadOnlySpan<PageRegion> before, ulong last)
    {
        _starts.Clear();
        _starts.Add(0);
        (_last, _next) = (last, 0);
        long pages = 0;
        foreach (ref readonly PageRegion region in before)
            pages += PageTableLook.PagesIn(in region);
        long wanted = Math.Max(pagesPerPart, (pages / MostParts) + 1);
        long passed = 0;
        foreach (ref readonly PageRegion region in before)
        {
            while (_starts.Count * wanted < passed + PageTableLook.PagesIn(in region))
            {
                ulong start = region.Start + ((ulong)((_starts.Count * wanted) - passed) * PageSize.Bytes);
                _starts.Add(Math.Max(_starts[^1] + PartAlignment, start & ~(PartAlignment - 1)));
            }

            passed += PageTableLook.PagesIn(in region);
        }
    }

    /// <summary>Scans parts until all are taken. By any number of threads at a time.</summary>
    internal void Help()
    {
        for (int part = Interlocked.Increment(ref _next) - 1; part < _starts.Count; part = Interlocked.Increment(ref _next) - 1)
        {
            ulong last = part + 1 < _starts.Count ? _starts[part + 1] - 1 : _last;
            _found[part].Clear();
            _results[part] = _starts[part] > last
                ? PageMapStatus.Complete
                : pageMap.ScanAll(_starts[part], last, PageScanFlags.None, PageFilter.Look, _found[part]);
        }
    }

    /// <summary>When all that helped are done: replaces the list by what was found.</summary>
    /// <returns>False if the program image is gone, or a part could not be scanned.</returns>
    internal bool TryTake(List<PageRegion> regions)
    {
        regions.Clear();
        for (int part = 0; part < _starts.Count; part++)
        {
            if (_results[part] != PageMapStatus.Complete)
                return false;
            ReadOnlySpan<PageRegion> found = CollectionsMarshal.AsSpan(_found[part]);
            if (regions.Count > 0 && !found.IsEmpty && regions[^1].End == found[0].Start && regions[^1].Categories == found[0].Categories)
            {
                regions[^1] = regions[^1] with { End = found[0].End };
                found = found[1..];
            }

            regions.AddRange(found);
        }

        return true;
    }
}
