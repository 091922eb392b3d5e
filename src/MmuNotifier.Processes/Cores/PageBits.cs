using System.Numerics;

namespace MmuNotifier.Processes;

/// <summary>
/// One bit for each page of an address space; memory is used for parts in which bits have been set. Not for concurrent use.
/// </summary>
internal sealed class PageBits
{
    private const int PageShift = 12;

    /// <summary>2¹⁵ pages, 128 MiB of addresses, take 4 KiB.</summary>
    private const int ChunkShift = 15;
    private const int WordShift = 6;
    private const int WordMask = 63;
    private const ulong PagesPerChunk = 1UL << ChunkShift;

    private readonly Dictionary<ulong, ulong[]> _chunks = [];

    internal long ReservedBytes => _chunks.Count * ((long)PagesPerChunk / 8);

    internal bool this[ulong address]
    {
        get
        {
            ulong page = address >> PageShift;
            return _chunks.TryGetValue(page >> ChunkShift, out ulong[]? words)
                && (words[WordOf(page)] >> (int)(page & WordMask) & 1) != 0;
        }
    }

    /// <summary>Sets the bit of every page that the range meets.</summary>
    internal void Set(AddressRange range) => Change(range, isSet: true);

    /// <summary>Clears the bit of every page that the range meets; costs nothing where none is set.</summary>
    internal void Clear(AddressRange range) => Change(range, isSet: false);

    internal void ClearAll() => _chunks.Clear();

    /// <summary>Finds the first run of pages in the range whose bit is as asked for.</summary>
    /// <param name="range">Where to look.</param>
    /// <param name="value">The bit to look for.</param>
    /// <param name="run">The run, whole pages, within the pages that the range meets.</param>
    internal bool TryFind(AddressRange range, bool value, out AddressRange run)
    {
        ulong end = (range.Last >> PageShift) + 1;
        ulong first = Next(range.Start >> PageShift, end, value);
        run = default;
        if (first == end)
            return false;
        ulong after = Next(first, end, !value);
        run = new AddressRange(first << PageShift, (after << PageShift) - 1);
        return true;
    }

    /// <summary>All runs of pages in the range whose bit is as asked for; of each the part in the range.</summary>
    internal List<AddressRange> FindAll(AddressRange range, bool value = true)
    {
        var runs = new List<AddressRange>();
        while (TryFind(range, value, out AddressRange run))
        {
            runs.Add(run.Intersect(range));
            if (run.Last >= range.Last)
                break;
            range = new AddressRange(run.Last + 1, range.Last);
        }

        return runs;
    }

    /// <summary>The first page from one on, before the end, whose bit has the value; the end if there is none.</summary>
    private ulong Next(ulong page, ulong end, bool value)
    {
        while (page < end)
        {
            ulong chunkEnd = Math.Min(((page >> ChunkShift) + 1) << ChunkShift, end);
            if (!_chunks.TryGetValue(page >> ChunkShift, out ulong[]? words))
            {
                if (!value)
                    return page;
                page = chunkEnd;
                continue;
            }

            for (; page < chunkEnd; page = ((page >> WordShift) + 1) << WordShift)
            {
                ulong word = (value ? words[WordOf(page)] : ~words[WordOf(page)]) >> (int)(page & WordMask);
                if (word == 0)
                    continue;
                ulong found = page + (ulong)BitOperations.TrailingZeroCount(word);
                if (found < chunkEnd)
                    return found;
                break;
            }

            page = chunkEnd;
        }

        return end;
    }

    private void Change(AddressRange range, bool isSet)
    {
        ulong page = range.Start >> PageShift;
        ulong end = (range.Last >> PageShift) + 1;
        if (!isSet && (end - page) >> ChunkShift > (ulong)_chunks.Count)
        {
            ClearKnownChunks(page, end);
            return;
        }

        while (page < end)
        {
            ulong chunkEnd = Math.Min(((page >> ChunkShift) + 1) << ChunkShift, end);
            if (!_chunks.TryGetValue(page >> ChunkShift, out ulong[]? words) && isSet)
                _chunks[page >> ChunkShift] = words = new ulong[PagesPerChunk >> WordShift];
            if (words is not null)
                Change(words, page, chunkEnd, isSet);
            page = chunkEnd;
        }
    }

    /// <summary>For a range that has far more chunks than there are.</summary>
    private void ClearKnownChunks(ulong page, ulong end)
    {
        foreach ((ulong chunk, ulong[] words) in _chunks)
        {
            ulong first = Math.Max(chunk << ChunkShift, page);
            ulong after = Math.Min((chunk + 1) << ChunkShift, end);
            if (first < after)
                Change(words, first, after, isSet: false);
        }
    }

    private static void Change(ulong[] words, ulong page, ulong end, bool isSet)
    {
        while (page < end)
        {
            int bit = (int)(page & WordMask);
            int count = (int)Math.Min(64 - (ulong)bit, end - page);
            ulong mask = (count == 64 ? ulong.MaxValue : (1UL << count) - 1) << bit;
            ref ulong word = ref words[WordOf(page)];
            word = isSet ? word | mask : word & ~mask;
            page += (ulong)count;
        }
    }

    private static int WordOf(ulong page) => (int)((page & (PagesPerChunk - 1)) >> WordShift);
}
