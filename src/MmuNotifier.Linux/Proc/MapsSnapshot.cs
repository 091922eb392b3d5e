namespace MmuNotifier.Linux;

/// <summary>
/// The mappings of a process with the text that lists them. A snapshot is filled beside the one before it: a line that has not changed
/// is compared, not parsed, so that reading again costs little more than what the kernel needs to write the text.
/// </summary>
internal sealed class MapsSnapshot
{
    private readonly List<int> _starts = [];
    private readonly List<int> _ends = [];
    private byte[] _text = [];
    private int _parsed;
    private int _length;
    private int _cursor;

    /// <summary>In the order of addresses, without the vsyscall page, which is not memory of the process.</summary>
    internal List<ProcessMapping> Mappings { get; } = [];

    /// <summary>
    /// For each mapping where the snapshot before has the very same line; -1 if it has none. Ascending, apart from these.
    /// </summary>
    internal List<int> Origins { get; } = [];

    /// <summary>How many lines were parsed because the snapshot before does not have them.</summary>
    internal int LinesParsed { get; private set; }

    /// <summary>Whether this one has the same lines as the snapshot before.</summary>
    internal bool IsSameAs(MapsSnapshot before) => LinesParsed == 0 && Mappings.Count == before.Mappings.Count;

    internal void Clear()
    {
        Mappings.Clear();
        Origins.Clear();
        _starts.Clear();
        _ends.Clear();
        (_parsed, _length, _cursor, LinesParsed) = (0, 0, 0, 0);
    }

    /// <summary>Where the next text goes; at least so many bytes.</summary>
    internal Span<byte> Room(int bytes)
    {
        if (_text.Length - _length < bytes)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + bytes));
        return _text.AsSpan(_length);
    }

    /// <summary>
    /// Takes over text that was written to <see cref="Room"/>; what follows its last line end waits for the rest of the line.
    /// </summary>
    internal void Add(int bytes, MapsSnapshot before, MappingNameCache names)
    {
        _length += bytes;
        while (true)
        {
            int length = _text.AsSpan(_parsed, _length - _parsed).IndexOf((byte)'\n');
            if (length < 0)
                return;
            AddLine(_parsed, length, before, names);
            _parsed += length + 1;
        }
    }

    private void AddLine(int start, int length, MapsSnapshot before, MappingNameCache names)
    {
        ReadOnlySpan<byte> line = _text.AsSpan(start, length);
        int origin = _cursor;
        ProcessMapping mapping;
        if (before.Has(origin, line))
        {
            mapping = before.Mappings[origin];
        }
        else
        {
            mapping = MapsParser.ParseLine(line, names);
            if (mapping.Kind == MappingKind.Vsyscall)
                return;
            // Lines that are gone are passed over; the same line may follow them.
            while (_cursor < before.Mappings.Count && before.Mappings[_cursor].Start < mapping.Start)
                _cursor++;
            origin = before.Has(_cursor, line) ? _cursor : -1;
            LinesParsed += origin < 0 ? 1 : 0;
        }

        if (origin >= 0)
            _cursor = origin + 1;
        Mappings.Add(mapping);
        Origins.Add(origin);
        _starts.Add(start);
        _ends.Add(start + length);
    }

    private bool Has(int index, ReadOnlySpan<byte> line) =>
        index < _starts.Count && _text.AsSpan(_starts[index], _ends[index] - _starts[index]).SequenceEqual(line);
}
