using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Where in the file each address has its place. A place is given once and stays: pages are copied there while the mappings still change.
/// What lies side by side in memory and is placed in one go lies side by side in the file, so that it can be one segment.
/// </summary>
internal sealed class CorePlacement
{
    private readonly List<CorePlace> _places = [];

    /// <summary>Where the file ends so far; a multiple of the page size.</summary>
    internal long EndOffset { get; private set; } = FirstOffset;

    /// <summary>Behind the ELF header.</summary>
    internal const long FirstOffset = 4096;

    /// <summary>Gives a place to every part of the range that has none.</summary>
    internal void Place(AddressRange range)
    {
        int index = IndexOf(range.Start);
        ulong start = range.Start;
        while (true)
        {
            ulong before = index < _places.Count ? Math.Min(range.Last, _places[index].Start - 1) : range.Last;
            if (start <= before)
            {
                index = Insert(index, new AddressRange(start, before)) + 1;
                if (before == range.Last)
                    return;
                // What was inserted may have been joined to its neighbour.
                index = IndexOf(before + 1);
            }

            ulong last = _places[index].Last;
            if (last >= range.Last)
                return;
            start = last + 1;
            index++;
        }
    }

    /// <summary>The place that holds an address, cut at the end of the range; it must have one.</summary>
    internal CorePlace Find(ulong address, ulong last)
    {
        CorePlace place = _places[IndexOf(address)];
        if (place.Start > address)
            throw new InvalidOperationException($"{address:x} has no place in the core.");
        ulong skipped = address - place.Start;
        return new CorePlace(address, Math.Min(place.Last, last), place.Offset + (long)skipped);
    }

    /// <summary>
    /// The place that holds an address, or the addresses up to the next one, without an offset; cut at the end of the range.
    /// </summary>
    /// <returns>Whether it is a place.</returns>
    internal bool TryFind(ulong address, ulong last, out CorePlace place)
    {
        int index = IndexOf(address);
        if (index < _places.Count && _places[index].Start <= address)
        {
            place = Find(address, last);
            return true;
        }

        ulong end = index < _places.Count ? Math.Min(last, _places[index].Start - 1) : last;
        place = new CorePlace(address, end, 0);
        return false;
    }

    /// <summary>The first place that ends at the address or after it.</summary>
    private int IndexOf(ulong address) =>
        AddressOrder.FirstFrom(CollectionsMarshal.AsSpan(_places), address, static place => place.Last);

    /// <returns>Where it is in the list.</returns>
    private int Insert(int index, AddressRange range)
    {
        long offset = EndOffset;
        EndOffset += (long)range.Length;
        if (index > 0 && _places[index - 1] is { } left && left.Last + 1 == range.Start && left.EndOffset == offset)
        {
            _places[index - 1] = left with { Last = range.Last };
            return index - 1;
        }

        _places.Insert(index, new CorePlace(range.Start, range.Last, offset));
        return index;
    }
}
