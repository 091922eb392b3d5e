using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>The mappings of an address space in ascending order; none overlap. Locks as for <see cref="Area"/>.</summary>
internal sealed class AreaList
{
    /// <summary>One past the last address that can be mapped (<c>TASK_SIZE</c> of x86-64 with four levels).</summary>
    public const ulong TaskSize = 0x7fff_ffff_f000;

    private const ulong TopDownBase = 0x7fff_f7ff_f000;
    private const ulong Lowest = 0x1_0000;

    private readonly List<Area> _areas = [];

    public int Count => _areas.Count;

    public Area this[int index] => _areas[index];

    /// <summary>The first mapping that ends above the address; <see cref="Count"/> if none does.</summary>
    public int IndexFrom(ulong address)
    {
        int low = 0;
        int high = _areas.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_areas[middle].End > address)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    /// <summary>The mapping that covers the address.</summary>
    public Area? At(ulong address)
    {
        int index = IndexFrom(address);
        return index < _areas.Count && _areas[index].Start <= address ? _areas[index] : null;
    }

    public bool HasAny(ulong start, ulong end)
    {
        int index = IndexFrom(start);
        return index < _areas.Count && _areas[index].Start < end;
    }

    /// <summary>The mappings that meet [start, end).</summary>
    public List<Area> In(ulong start, ulong end)
    {
        var found = new List<Area>();
        for (int i = IndexFrom(start); i < _areas.Count && _areas[i].Start < end; i++)
            found.Add(_areas[i]);
        return found;
    }

    public void Add(Area area)
    {
        _areas.Insert(IndexFrom(area.Start), area);
        area.File?.Mapped();
    }

    /// <summary>Splits the mapping that covers the address, unless it begins there.</summary>
    public void SplitAt(ulong address)
    {
        if (At(address) is not { } area || area.Start == address)
            return;
        Area upper = area.Clone();
        upper.PageOffset = area.PageOf(address);
        upper.Start = address;
        area.End = address;
        Add(upper);
    }

    /// <summary>Takes out the mappings that lie in [start, end); split before.</summary>
    public void Remove(ulong start, ulong end)
    {
        int from = IndexFrom(start);
        int to = from;
        while (to < _areas.Count && _areas[to].Start < end)
            _areas[to++].File?.Unmapped();
        _areas.RemoveRange(from, to - from);
    }

    /// <summary>Joins neighbours of one kind that meet [start, end] or touch it.</summary>
    public void Join(ulong start, ulong end)
    {
        int index = Math.Max(IndexFrom(start) - 1, 0);
        while (index + 1 < _areas.Count && _areas[index].Start <= end)
        {
            Area area = _areas[index];
            Area next = _areas[index + 1];
            if (!area.JoinsWith(next))
            {
                index++;
                continue;
            }

            area.End = next.End;
            area.HasAnonymous |= next.HasAnonymous;
            _areas.RemoveAt(index + 1);
            next.File?.Unmapped();
        }
    }

    /// <summary>The highest free place of a length, below the stack; 0 if there is none.</summary>
    public ulong FindPlace(ulong length, ulong alignment)
    {
        ulong end = TopDownBase;
        for (int i = _areas.Count - 1; i >= -1; i--)
        {
            ulong floor = i < 0 ? Lowest : _areas[i].End;
            if (floor < end && end - floor >= length)
            {
                ulong place = (end - length) & ~(alignment - 1);
                if (place >= floor)
                    return place;
            }

            if (i >= 0)
                end = Math.Min(end, _areas[i].Start);
        }

        return 0;
    }

    public List<Mapping> ToMappings() => _areas.ConvertAll(area => area.ToMapping());
}
