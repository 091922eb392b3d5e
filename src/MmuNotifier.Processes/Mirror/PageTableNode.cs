namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// A node of the <see cref="PageTable"/>: an inner one has children, a leaf has frames (stored plus one, so that 0 is none).
/// </summary>
internal sealed class PageTableNode
{
    internal const int Entries = 512;

    private readonly PageTableNode?[] _children;
    private readonly int[] _frames;

    private PageTableNode(bool isLeaf)
    {
        _children = isLeaf ? [] : new PageTableNode?[Entries];
        _frames = isLeaf ? new int[Entries] : [];
    }

    /// <summary>How many entries are in use.</summary>
    internal int Count { get; private set; }

    internal static PageTableNode Inner() => new(isLeaf: false);

    internal PageTableNode? Child(int index) => _children[index];

    internal PageTableNode ChildOrNew(int index, bool isLeaf)
    {
        if (_children[index] is { } child)
            return child;
        Count++;
        return _children[index] = new PageTableNode(isLeaf);
    }

    internal void RemoveChild(int index)
    {
        _children[index] = null;
        Count--;
    }

    internal int Frame(int index) => _frames[index] - 1;

    /// <summary>How many entries from one to another, both inclusive, are in use.</summary>
    internal int CountFrames(int from, int to)
    {
        if (to - from == Entries - 1)
            return Count;
        int used = 0;
        foreach (int frame in _frames.AsSpan(from, Math.Max(0, to - from + 1)))
            used += frame != 0 ? 1 : 0;
        return used;
    }

    internal void SetFrame(int index, int frame)
    {
        _frames[index] = frame + 1;
        Count++;
    }

    /// <summary>Empties an entry and gives its frame; -1 if it was empty.</summary>
    internal int TakeFrame(int index)
    {
        int frame = _frames[index] - 1;
        if (frame >= 0)
        {
            _frames[index] = 0;
            Count--;
        }

        return frame;
    }
}
