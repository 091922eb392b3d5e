
namespace MmuNotifier.Simulation;

/// <summary>Entries by page number, in tables of 512. Under the page-table lock.</summary>
internal sealed class PageTable
{
    private const int TableShift = 9;
    private const int TableEntries = 1 << TableShift;

    private readonly SortedDictionary<ulong, PageTableEntry[]> _tables = [];

    public PageTableEntry Get(ulong page) =>
        _tables.TryGetValue(page >> TableShift, out PageTableEntry[]? table) ? table[page % TableEntries] : default;

    /// <summary>The entry to change; makes the table.</summary>
    public ref PageTableEntry At(ulong page)
    {
        if (!_tables.TryGetValue(page >> TableShift, out PageTableEntry[]? table))
        {
            table = new PageTableEntry[TableEntries];
            _tables.Add(page >> TableShift, table);
        }

        return ref table[page % TableEntries];
    }

    /// <summary>The pages of [first, last] whose entry is not empty, ascending. The entries found may be changed meanwhile, tables not made.</summary>
    public IEnumerable<ulong> Pages(ulong first, ulong last)
    {
        foreach (ulong number in TablesIn(first >> TableShift, last >> TableShift))
        {
            PageTableEntry[] table = _tables[number];
            ulong from = Math.Max(first, number << TableShift);
            ulong to = Math.Min(last, (number << TableShift) + TableEntries - 1);
            for (ulong page = from; page <= to; page++)
            {
                if (table[page % TableEntries].State != Hmm.PageState.None)
                    yield return page;
            }
        }
    }

    private List<ulong> TablesIn(ulong first, ulong last)
    {
        var found = new List<ulong>();
        if (last - first < (ulong)_tables.Count)
        {
            for (ulong number = first; number <= last; number++)
            {
                if (_tables.ContainsKey(number))
                    found.Add(number);
            }

            return found;
        }

        foreach (ulong number in _tables.Keys)
        {
            if (number >= first && number <= last)
                found.Add(number);
        }

        return found;
    }
}
