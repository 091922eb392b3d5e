namespace MmuNotifier.Caching;

/// <summary>
/// What the names have in common that begin with the same segments: a node of the <see cref="NameTree"/>, whose lock guards it. It has a
/// range of addresses for its life, and every name below it has its address in there.
/// </summary>
internal sealed class NameSegment
{
    private readonly ulong _start;
    private readonly int _bits;

    /// <summary>Of the next child, if no number is free.</summary>
    private uint _next = 1;

    private Stack<uint>? _free;
    private Dictionary<string, NameSegment>? _children;

    /// <summary>The segments below, keys below, and scopes that use this one. At 0 it is given back.</summary>
    private int _uses;

    /// <summary>Makes the root.</summary>
    public NameSegment(ulong start, int bits)
    {
        _start = start;
        _bits = bits;
        Text = "";
    }

    private NameSegment(NameSegment parent, string text, uint number, ulong start, int bits)
        : this(start, bits)
    {
        Parent = parent;
        Text = text;
        Number = number;
    }

    /// <summary>Null for the root.</summary>
    public NameSegment? Parent { get; }

    /// <summary>The segment, with its separator.</summary>
    public string Text { get; }

    /// <summary>Among the parent's children.</summary>
    public uint Number { get; }

    public AddressRange Range => new(_start, _start + ((1UL << _bits) - 1));

    public bool IsUnused => _uses == 0;

    public void AddUse() => _uses++;

    public void DropUse() => _uses--;

    public bool TryFind(ReadOnlySpan<char> text, out NameSegment? child)
    {
        child = null;
        return _children is not null && _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out child);
    }

    /// <summary>The child is not used yet.</summary>
    public NameSegment FindOrAdd(ReadOnlySpan<char> text)
    {
        if (TryFind(text, out NameSegment? child))
            return child!;
        _children ??= new Dictionary<string, NameSegment>(StringComparer.Ordinal);
        uint number = TakeNumber();
        bool isPlaced = NameCode.TryPlace(number, _bits, out ulong offset, out int bits);
        child = new NameSegment(this, text.ToString(), number, _start + offset, isPlaced ? bits : 0);
        _children.Add(child.Text, child);
        _uses++;
        return child;
    }

    public void Remove(NameSegment child)
    {
        _children!.Remove(child.Text);
        GiveBack(child.Number);
    }

    /// <summary>A key's own address.</summary>
    public ulong Take(out uint number)
    {
        number = TakeNumber();
        _uses++;
        NameCode.TryPlace(number, _bits, out ulong offset, out _);
        return _start + offset;
    }

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

    private uint TakeNumber() => _free is { Count: > 0 } ? _free.Pop() : _next++;
}
