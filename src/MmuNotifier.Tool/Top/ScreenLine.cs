using System.Text;
using MmuNotifier.Tool.Output;

namespace MmuNotifier.Tool.Top;

/// <summary>A line of the screen, from left to right; never wider than the screen.</summary>
internal sealed class ScreenLine(int width)
{
    private readonly List<(string Text, Ink Ink)> _pieces = [];
    private int _used;

    internal IReadOnlyList<(string Text, Ink Ink)> Pieces => _pieces;

    internal int Left => width - _used;

    internal string Text
    {
        get
        {
            var text = new StringBuilder();
            foreach ((string piece, _) in _pieces)
                text.Append(piece);
            return text.ToString();
        }
    }

    internal ScreenLine Add(string text, Ink ink = Ink.Plain)
    {
        string fitting = TextCells.Cut(text, Left);
        if (fitting.Length == 0)
            return this;
        _used += TextCells.Width(fitting);
        if (_pieces.Count > 0 && _pieces[^1].Ink == ink)
            _pieces[^1] = (_pieces[^1].Text + fitting, ink);
        else
            _pieces.Add((fitting, ink));
        return this;
    }

    /// <summary>Adds a text, and a plain one after it, if there is room for all of it.</summary>
    internal ScreenLine AddWhole(string text, Ink ink = Ink.Plain, string after = "") =>
        TextCells.Width(text + after) <= Left ? Add(text, ink).Add(after) : this;

    /// <summary>Fills the line with spaces up to a text at its right end; leaves it out if it has no room.</summary>
    internal ScreenLine AddAtEnd(string text, Ink ink)
    {
        int gap = Left - TextCells.Width(text);
        return gap > 0 ? Add(new string(' ', gap)).Add(text, ink) : this;
    }

    /// <summary>Gives all of it one ink, and the whole width.</summary>
    internal ScreenLine Filled(Ink ink)
    {
        var filled = new ScreenLine(width);
        return filled.Add(Text, ink).Add(new string(' ', filled.Left), ink);
    }
}
