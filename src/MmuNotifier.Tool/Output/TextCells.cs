using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace MmuNotifier.Tool.Output;

/// <summary>Text in the cells of a terminal: names of mappings are bytes that a program has chosen.</summary>
internal static class TextCells
{
    /// <summary>Replaces what is no printable character, so that no name can move the cursor.</summary>
    internal static string Printable(string text)
    {
        if (text.All(character => character is >= ' ' and <= '~'))
            return text;
        var printable = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isHarmless = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark);
            printable.Append(isHarmless ? rune : new Rune('?'));
        }

        return printable.ToString();
    }

    /// <summary>How many cells a printable text takes.</summary>
    internal static int Width(string text) =>
        text.All(character => character is >= ' ' and <= '~') ? text.Length : Segment.CellCount([new Segment(text)]);

    /// <summary>Exactly so many cells: filled with spaces, or cut with a mark in the place of its beginning.</summary>
    internal static string Left(string text, int width)
    {
        string fitted = CutFront(text, width);
        return fitted + new string(' ', Math.Max(0, width - Width(fitted)));
    }

    internal static string Right(string text, int width)
    {
        string fitted = CutFront(text, width);
        return new string(' ', Math.Max(0, width - Width(fitted))) + fitted;
    }

    /// <summary>The end of a path says more than its beginning.</summary>
    private static string CutFront(string text, int width)
    {
        if (width <= 0)
            return "";
        if (Width(text) <= width)
            return text;
        List<Rune> runes = [.. text.EnumerateRunes()];
        int cells = 1, first = runes.Count;
        while (first > 0 && cells + Width(runes[first - 1].ToString()) <= width)
            cells += Width(runes[--first].ToString());
        return "~" + string.Concat(runes[first..]);
    }

    /// <summary>The beginning of a text, at most so many cells.</summary>
    internal static string Cut(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        var cut = new StringBuilder();
        int cells = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            cells += Width(rune.ToString());
            if (cells > width)
                break;
            cut.Append(rune);
        }

        return cut.ToString();
    }
}
