using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>How much of each piece of memory was written in each piece of the time: for pictures.</summary>
internal sealed class WriteHeat
{
    private const int MostColumns = 1200, LeastColumns = 50, MostCells = 4_000_000, MostRowsOfBand = 24;

    private readonly List<AddressRange> _bands;
    private readonly int[] _firstRow;
    private readonly double _columnSeconds;
    private readonly int _columns;
    private readonly Dictionary<int, double> _now = [];
    private int _column;
    private int _looks;

    internal WriteHeat(List<AddressRange> bands, TimeSpan duration)
    {
        _bands = bands;
        RowsOfBand = [.. bands.Select(band => (uint)Math.Clamp(MemorySample.PagesIn(band), 1, MostRowsOfBand))];
        _firstRow = new int[bands.Count + 1];
        for (int i = 0; i < bands.Count; i++)
            _firstRow[i + 1] = _firstRow[i] + (int)RowsOfBand[i];
        _columns = Math.Clamp(MostCells / Math.Max(1, _firstRow[^1]), LeastColumns, MostColumns);
        _columnSeconds = Math.Max(duration.TotalSeconds, 1e-6) / _columns;
        FirstCell.Add(0);
    }

    internal IReadOnlyList<uint> RowsOfBand { get; }

    /// <summary>Where the cells of each column begin, and where the last ones end.</summary>
    internal List<uint> FirstCell { get; } = [];

    internal List<uint> Rows { get; } = [];

    /// <summary>0 to 255.</summary>
    internal List<byte> Values { get; } = [];

    /// <summary>The bounds of the columns, in seconds.</summary>
    internal IEnumerable<double> Bounds => Enumerable.Range(0, _columns + 1).Select(i => i * _columnSeconds);

    internal void Add(RecordedLook look)
    {
        // A look shows what was written before it.
        double middle = Math.Max(0, (look.At - (look.Period / 2)).TotalSeconds);
        int column = Math.Min(_columns - 1, (int)(middle / _columnSeconds));
        while (_column < column)
            EndColumn();
        _looks++;
        foreach (AddressRange range in look.Written)
            Add(range);
    }

    internal void End()
    {
        while (_column < _columns)
            EndColumn();
    }

    private void Add(AddressRange range)
    {
        for (int i = RangeList.FirstFrom(_bands, range.Start); i < _bands.Count; i++)
        {
            if (!_bands[i].TryIntersect(range, out AddressRange part))
                break;
            double pagesOfRow = (double)MemorySample.PagesIn(_bands[i]) / RowsOfBand[i];
            long first = (long)((part.Start - _bands[i].Start) >> MemorySample.PageShift);
            long end = first + MemorySample.PagesIn(part);
            int last = Math.Min((int)RowsOfBand[i] - 1, (int)((end - 1) / pagesOfRow));
            for (int row = Math.Min(last, (int)(first / pagesOfRow)); row <= last; row++)
            {
                double pages = Math.Min(end, (row + 1) * pagesOfRow) - Math.Max(first, row * pagesOfRow);
                int cell = _firstRow[i] + row;
                _now[cell] = _now.GetValueOrDefault(cell) + (Math.Max(pages, 0) / pagesOfRow);
            }
        }
    }

    private void EndColumn()
    {
        foreach ((int row, double share) in _now)
        {
            Rows.Add((uint)row);
            Values.Add((byte)Math.Clamp(1 + (254 * Math.Sqrt(share / _looks)), 1, 255));
        }

        FirstCell.Add((uint)Rows.Count);
        _now.Clear();
        _looks = 0;
        _column++;
    }
}
