using System.Globalization;
using System.Text;

namespace MmuNotifier.Tool.Tests.Top;

/// <summary>What a terminal shows that was sent these characters: the few sequences that mmun uses; others fail the test.</summary>
internal sealed class VirtualScreen
{
    private readonly SortedDictionary<int, StringBuilder> _lines = [];
    private readonly StringBuilder _rest = new();
    private int _line, _column;

    internal bool IsAlternate { get; private set; }

    internal bool IsCursorShown { get; private set; } = true;

    /// <summary>Whether the cursor and number keys send what they do in a shell.</summary>
    internal bool HasUsualKeys { get; private set; } = true;

    /// <summary>Whether any colour was used.</summary>
    internal bool HasColours { get; private set; }

    /// <summary>What is shown now, or was last before the alternate screen was left.</summary>
    internal string Text => string.Join('\n', _lines.Values.Select(line => line.ToString().TrimEnd()));

    internal void Feed(string output)
    {
        _rest.Append(output);
        string text = _rest.ToString();
        int at = 0;
        while (at < text.Length)
        {
            int length = text[at] == '\e' ? Sequence(text.AsSpan(at)) : Character(text[at]);
            if (length == 0)
                break;
            at += length;
        }

        _rest.Clear().Append(text.AsSpan(at));
    }

    private int Character(char character)
    {
        switch (character)
        {
            case '\r':
                _column = 0;
                break;
            case '\n':
                _line++;
                break;
            default:
                if (!_lines.TryGetValue(_line, out StringBuilder? line))
                    _lines.Add(_line, line = new StringBuilder());
                while (line.Length <= _column)
                    line.Append(' ');
                line[_column++] = character;
                break;
        }

        return 1;
    }

    private int Sequence(ReadOnlySpan<char> text)
    {
        if (text.Length < 2)
            return 0;
        if (text[1] is '=' or '>')
        {
            HasUsualKeys = text[1] == '>';
            return 2;
        }

        Assert.Equal('[', text[1]);
        int end = 2;
        while (end < text.Length && text[end] is < '@' or > '~')
            end++;
        if (end >= text.Length)
            return 0;
        string parameters = text[2..end].ToString();
        switch (text[end])
        {
            case 'H':
                int[] place = [.. parameters.Split(';').Select(int.Parse)];
                (_line, _column) = (place[0] - 1, place[1] - 1);
                break;
            case 'A':
                _line -= parameters.Length == 0 ? 1 : int.Parse(parameters, CultureInfo.InvariantCulture);
                break;
            case 'K':
                Assert.True(parameters is "" or "0" or "2", parameters);
                if (_lines.TryGetValue(_line, out StringBuilder? line))
                    line.Length = parameters == "2" ? 0 : Math.Min(line.Length, _column);
                break;
            case 'J':
                Assert.True(parameters is "" or "0" or "2", parameters);
                foreach (int cleared in _lines.Keys.Where(number => parameters == "2" || number > _line).ToList())
                    _lines.Remove(cleared);
                break;
            case 'm':
                HasColours |= parameters.Split(';').Any(each => each is ['3' or '4' or '9', _, ..]);
                break;
            case 'h' or 'l':
                bool isOn = text[end] == 'h';
                IsAlternate = parameters == "?1049" ? isOn : IsAlternate;
                IsCursorShown = parameters == "?25" ? isOn : IsCursorShown;
                break;
            default:
                Assert.Fail($"unknown sequence {parameters}{text[end]}");
                break;
        }

        return end + 1;
    }
}
