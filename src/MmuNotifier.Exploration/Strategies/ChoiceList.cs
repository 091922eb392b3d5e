using System.Globalization;
using System.Text;

namespace MmuNotifier.Exploration.Strategies;

/// <summary>
/// The choices of one schedule. As text: a letter for each choice that is not the plain one (a: 1, b: 2, …), before it the number of
/// plain ones since the last; plain choices at the end are left out, and "-" is the schedule without any other. "14a3b": 14 plain, 1, 3
/// plain, 2.
/// </summary>
internal sealed class ChoiceList
{
    private byte[] _choices = new byte[64];

    public int Count { get; private set; }

    public int this[int index] => _choices[index];

    /// <summary>How many choices are not plain.</summary>
    public int Weight => Count - _choices.AsSpan(0, Count).Count((byte)0);

    public static ChoiceList Parse(string text)
    {
        var choices = new ChoiceList();
        int plain = 0;
        foreach (char character in text)
        {
            if (char.IsAsciiDigit(character))
            {
                plain = checked((plain * 10) + (character - '0'));
                continue;
            }

            if (text == "-")
                break;
            if (!char.IsAsciiLetterLower(character))
                throw new FormatException($"A schedule is written in digits and small letters, such as 14a3b, or - ; not '{text}'.");
            for (; plain > 0; plain--)
                choices.Add(0);
            choices.Add(character - 'a' + 1);
        }

        return choices;
    }

    public void Add(int choice)
    {
        if (Count == _choices.Length)
            Array.Resize(ref _choices, Count * 2);
        _choices[Count++] = (byte)choice;
    }

    /// <summary>The same with one choice made plain.</summary>
    public ChoiceList WithPlain(int index)
    {
        var copy = new ChoiceList { _choices = [.. _choices], Count = Count };
        copy._choices[index] = 0;
        return copy;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        int plain = 0;
        for (int index = 0; index < Count; index++)
        {
            if (_choices[index] == 0)
            {
                plain++;
                continue;
            }

            if (plain > 0)
                text.Append(plain.ToString(CultureInfo.InvariantCulture));
            text.Append((char)('a' + _choices[index] - 1));
            plain = 0;
        }

        return text.Length == 0 ? "-" : text.ToString();
    }
}
