namespace MmuNotifier.Caching;

/// <summary>
/// What several names have in common that begin with the same segments: a node of the <see cref="NameTree"/>, whose lock guards it. It has
/// a range of addresses for its life, and every name below it has its address in there.
/// </summary>
internal sealed class NameSegment
{
    /// <summary>Of the next child, if no number is free.</summary>
    private uint _next = 1;

    private Stack<uint>? _free;

    /// <summary>The segments below, and the lone names that have a segment of their own below this one.</summary>
    private HashSet<object>? _children;

    /// <summary>The segments below, names below, and scopes that use this one. At 0 it is given back.</summary>
    private int _uses;

    /// <summary>Makes the root.</summary>
    public NameSegment(NameRange range)
    {
        Range = range;
        Text = "";
    }

    private NameSegment(NameSegment parent, string text, uint number)
        : this(parent.Range.Child(number))
    {
        Parent = parent;
        Text = text;
        Number = number;
        Depth = parent.Depth + 1;
        Length = parent.Length + text.Length;
    }

    /// <summary>Null for the root.</summary>
    public NameSegment? Parent { get; }

    /// <summary>The segment, with its separator.</summary>
    public string Text { get; }

    /// <summary>Among the parent's children.</summary>
    public uint Number { get; }

    /// <summary>How many segments its names begin with.</summary>
    public int Depth { get; }

    /// <summary>How many characters these segments have.</summary>
    public int Length { get; }

    public NameRange Range { get; }

    public bool IsUnused => _uses == 0;

    public void AddUse() => _uses++;

    public void DropUse() => _uses--;

    /// <summary>A segment below, or a lone name.</summary>
    public bool TryFind(ReadOnlySpan<char> text, out object? child)
    {
        child = null;
        return _children is not null && _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out child);
    }

    /// <summary>Adds a segment that is not used yet.</summary>
    public NameSegment Add(ReadOnlySpan<char> text, string separators)
    {
        var child = new NameSegment(this, text.ToString(), TakeNumber());
        AddChild(child, separators);
        return child;
    }

    /// <summary>Adds a name that is in this segment itself.</summary>
    public void Add(INamed name)
    {
        name.Segment = this;
        name.Number = TakeNumber();
    }

    /// <summary>Adds a name that is alone in a segment below this one. That segment is not made.</summary>
    public void AddLone(INamed name, string separators)
    {
        Add(name);
        AddChild(name, separators);
    }

    /// <summary>Makes the segment of a lone name, at the same addresses; the name is not below it yet.</summary>
    public NameSegment Replace(INamed lone, ReadOnlySpan<char> text)
    {
        var child = new NameSegment(this, text.ToString(), lone.Number);
        _children!.Remove(lone);
        _children.Add(child);
        return child;
    }

    public void Remove(NameSegment child) => RemoveChild(child, child.Number);

    public void RemoveLone(INamed name) => RemoveChild(name, name.Number);

    public void GiveBack(uint number)
    {
        _uses--;
        if (_uses == 0)
        {
            // Nobody below and nobody here: the room of the largest number of names that it had goes with them.
            _next = 1;
            _free = null;
            _children = null;
        }
        else if (number == _next - 1)
        {
            _next--;
        }
        else
        {
            (_free ??= new Stack<uint>()).Push(number);
        }
    }

    private void AddChild(object child, string separators) =>
        (_children ??= new HashSet<object>(new NameChildComparer(separators, Length))).Add(child);

    private void RemoveChild(object child, uint number)
    {
        _children!.Remove(child);
        GiveBack(number);
    }

    private uint TakeNumber()
    {
        _uses++;
        return _free is { Count: > 0 } ? _free.Pop() : _next++;
    }
}
