using System.Text;
using MmuNotifier.Tool.Output;

namespace MmuNotifier.Tool.Reports;

/// <summary>A table in plain text: columns as wide as their widest cell. Nothing is cut.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";
    private readonly List<string[]> _rows = [];

    internal int Rows => _rows.Count;

    /// <param name="cells">One for each heading.</param>
    internal void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Appends it: the last column is text, the others are numbers.</summary>
    internal void AppendTo(StringBuilder text)
    {
        int[] widths = [.. headings.Select((heading, i) => _rows.Select(row => TextCells.Width(row[i])).Append(heading.Length).Max())];
        Append(headings);
        _rows.ForEach(Append);

        void Append(string[] cells)
        {
            for (int i = 0; i < cells.Length; i++)
            {
                bool isLast = i == cells.Length - 1;
                text.Append(Gap).Append(isLast ? cells[i] : TextCells.Right(cells[i], widths[i]));
            }

            while (text[^1] == ' ')
                text.Length--;
            text.Append('\n');
        }
    }
}
