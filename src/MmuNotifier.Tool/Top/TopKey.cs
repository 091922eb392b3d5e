namespace MmuNotifier.Tool.Top;

/// <summary>A key: a character, or one of those that have none.</summary>
internal readonly record struct TopKey(char Character, TopKey.Name Special = TopKey.Name.None)
{
    internal enum Name
    {
        None,
        Up,
        Down,
        PageUp,
        PageDown,
        Home,
        End,
        Enter,
        Escape,
        Backspace,
    }

    internal static TopKey Of(Name name) => new('\0', name);

    /// <summary>The keys that a terminal has sent; what is no key of ours is passed over.</summary>
    internal static List<TopKey> Decode(ReadOnlySpan<byte> input)
    {
        List<TopKey> keys = [];
        string text = System.Text.Encoding.UTF8.GetString(input);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e' && i + 1 < text.Length && text[i + 1] is '[' or 'O')
            {
                int end = i + 2;
                while (end < text.Length && text[end] is < '@' or > '~')
                    end++;
                if (end < text.Length && OfSequence(text[(i + 2)..end], text[end]) is { } name)
                    keys.Add(Of(name));
                i = end;
                continue;
            }

            keys.Add(text[i] switch
            {
                '\e' => Of(Name.Escape),
                '\r' or '\n' => Of(Name.Enter),
                '\x7f' or '\b' => Of(Name.Backspace),
                _ => new TopKey(text[i]),
            });
        }

        return keys;
    }

    private static Name? OfSequence(string parameters, char last) => (last, parameters) switch
    {
        ('A', _) => Name.Up,
        ('B', _) => Name.Down,
        ('H', _) or ('~', "1" or "7") => Name.Home,
        ('F', _) or ('~', "4" or "8") => Name.End,
        ('~', "5") => Name.PageUp,
        ('~', "6") => Name.PageDown,
        _ => null,
    };
}
