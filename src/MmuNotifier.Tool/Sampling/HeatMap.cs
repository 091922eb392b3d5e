namespace MmuNotifier.Tool.Sampling;

/// <summary>How much of a piece of memory is in memory, and how recently it was written.</summary>
internal enum Heat : byte
{
    /// <summary>No page of it is in memory.</summary>
    Absent,

    /// <summary>In memory, not written in the last looks.</summary>
    Cold,

    /// <summary>Written some looks ago.</summary>
    Cool,

    /// <summary>Written in one of the last looks.</summary>
    Warm,

    /// <summary>Written in the last look.</summary>
    Hot,
}

/// <summary>Divides memory into cells and says how hot each is.</summary>
internal static class HeatMap
{
    private const int WarmLooks = 3;

    /// <param name="range">Whole pages.</param>
    /// <param name="cells">How many; each gets a part of the range, of at least a page, so there may be fewer.</param>
    /// <param name="recent">The last looks, the latest one last; none of them is needed.</param>
    internal static Heat[] Of(AddressRange range, int cells, IReadOnlyList<MemorySample> recent)
    {
        long pages = MemorySample.PagesIn(range);
        var heat = new Heat[(int)Math.Min(cells, pages)];
        if (recent.Count == 0)
            return heat;
        Mark(recent[^1].Resident, Heat.Cold);
        for (int i = 0; i < recent.Count; i++)
        {
            int age = recent.Count - 1 - i;
            Mark(recent[i].Written, age == 0 ? Heat.Hot : age <= WarmLooks ? Heat.Warm : Heat.Cool);
        }

        return heat;

        void Mark(IReadOnlyList<AddressRange> ranges, Heat mark)
        {
            foreach (AddressRange part in RangeList.Intersect(range, ranges))
            {
                int first = CellOf(part.Start), last = CellOf(part.Last);
                for (int cell = first; cell <= last; cell++)
                    heat[cell] = heat[cell] < mark ? mark : heat[cell];
            }
        }

        int CellOf(ulong address) =>
            (int)((Int128)((address - range.Start) >> MemorySample.PageShift) * heat.Length / pages);
    }
}
