using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// A node of the <see cref="IntervalTree"/>. Starts come first and lasts after them, in line, because a query reads those of a node one
/// after the other and the items only where it goes on.
/// </summary>
internal sealed class IntervalTreeNode
{
    public const int Capacity = 16;

    public Addresses Starts;
    public Addresses Lasts;
    private Items _items;

    public int Count { get; private set; }

    public bool IsLeaf { get; set; }

    public IntervalTreeNode? Parent { get; set; }

    public ulong MinStart => Starts[0];

    public ulong MaxLast
    {
        get
        {
            ulong max = 0;
            for (int i = 0; i < Count; i++)
                max = Math.Max(max, Lasts[i]);
            return max;
        }
    }

    public IntervalTreeNode ChildAt(int index) => Unsafe.As<IntervalTreeNode>(_items[index]!);

    public IntervalNotifier NotifierAt(int index) => Unsafe.As<IntervalNotifier>(_items[index]!);

    public int IndexOf(object item)
    {
        int index = 0;
        while (!ReferenceEquals(_items[index], item))
            index++;
        return index;
    }

    /// <summary>The index of the first entry that starts at or after the address.</summary>
    public int LowerBound(ulong start)
    {
        int index = 0;
        while (index < Count && Starts[index] < start)
            index++;
        return index;
    }

    /// <summary>The index of the first entry that starts after the address.</summary>
    public int UpperBound(ulong start)
    {
        int index = 0;
        while (index < Count && Starts[index] <= start)
            index++;
        return index;
    }

    public void InsertAt(int index, ulong start, ulong last, object item)
    {
        for (int i = Count; i > index; i--)
            CopyEntry(this, i - 1, this, i);
        Starts[index] = start;
        Lasts[index] = last;
        _items[index] = item;
        Adopt(item);
        Count++;
    }

    public void RemoveAt(int index)
    {
        for (int i = index + 1; i < Count; i++)
            CopyEntry(this, i, this, i - 1);
        _items[--Count] = null;
    }

    /// <summary>Moves the entries from an index on to the empty node <paramref name="right"/>.</summary>
    public void MoveTailTo(IntervalTreeNode right, int from)
    {
        for (int i = from; i < Count; i++)
        {
            CopyEntry(this, i, right, i - from);
            right.Adopt(_items[i]!);
            _items[i] = null;
        }

        right.Count = Count - from;
        Count = from;
    }

    /// <summary>Moves all entries behind those of <paramref name="left"/>.</summary>
    public void MoveAllTo(IntervalTreeNode left)
    {
        for (int i = 0; i < Count; i++)
        {
            CopyEntry(this, i, left, left.Count + i);
            left.Adopt(_items[i]!);
            _items[i] = null;
        }

        left.Count += Count;
        Count = 0;
    }

    private static void CopyEntry(IntervalTreeNode source, int from, IntervalTreeNode target, int to)
    {
        target.Starts[to] = source.Starts[from];
        target.Lasts[to] = source.Lasts[from];
        target._items[to] = source._items[from];
    }

    private void Adopt(object item)
    {
        if (IsLeaf)
            Unsafe.As<IntervalNotifier>(item).Leaf = this;
        else
            Unsafe.As<IntervalTreeNode>(item).Parent = this;
    }

    [InlineArray(Capacity)]
    public struct Addresses
    {
        private ulong _first;
    }

    [InlineArray(Capacity)]
    private struct Items
    {
        private object? _first;
    }
}
