using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>A node whose entries are notifiers.</summary>
internal sealed class LeafNode : IntervalTreeNode
{
    public NodeNotifiers Notifiers;

    private long _firstStamp;

    /// <summary>Links the emptied leaves that the tree keeps for reuse.</summary>
    public LeafNode? NextSpare { get; set; }

    /// <summary>
    /// Where its first entry is in the order of the tree. Kept here, because the leaves that a walk reads stay as they are while their
    /// notifiers move.
    /// </summary>
    public TreePlace FirstPlace => new(MinStart, _firstStamp);

    public IntervalNotifier NotifierAt(int index) => Notifiers[index]!;

    /// <summary>
    /// Has the processor fetch the lines of the notifiers while it compares the addresses, instead of one of them afterwards: in a tree
    /// that does not fit into the caches that is one access of memory less for a start to wait for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TouchNotifiers()
    {
        const int perLine = 8;
        Volatile.Read(ref Notifiers[0]);
        Volatile.Read(ref Notifiers[perLine]);
        Volatile.Read(ref Notifiers[2 * perLine]);
        Volatile.Read(ref Notifiers[3 * perLine]);
    }

    /// <summary>Makes this one, which is empty, the same as another that walks still read, and the home of its notifiers.</summary>
    public void TakeOver(LeafNode other)
    {
        Starts = other.Starts;
        Lasts = other.Lasts;
        Notifiers = other.Notifiers;
        Count = other.Count;
        Parent = other.Parent;
        _firstStamp = other._firstStamp;
        for (int i = 0; i < Count; i++)
            NotifierAt(i).Leaf = this;
    }

    /// <param name="notifier">A notifier of this leaf.</param>
    /// <param name="start">The start that the leaf has for it.</param>
    public int IndexOf(IntervalNotifier notifier, ulong start)
    {
        int index = LowerBound(start);
        while (!ReferenceEquals(Notifiers[index], notifier))
            index++;
        return index;
    }

    public void InsertAt(int index, ulong start, ulong last, IntervalNotifier notifier)
    {
        OpenGap(index, start, last);
        Span<IntervalNotifier?> notifiers = Notifiers;
        notifiers[index..Count].CopyTo(notifiers[(index + 1)..]);
        notifiers[index] = notifier;
        notifier.Leaf = this;
        Count++;
        if (index == 0)
            _firstStamp = notifier.TreeStamp;
    }

    public override void RemoveAt(int index)
    {
        CloseGap(index);
        Span<IntervalNotifier?> notifiers = Notifiers;
        notifiers[(index + 1)..Count].CopyTo(notifiers[index..]);
        notifiers[--Count] = null;
        if (index == 0 && Count > 0)
            _firstStamp = notifiers[0]!.TreeStamp;
    }

    public override void MoveTailTo(IntervalTreeNode right, int from) => MoveTo((LeafNode)right, from);

    public override void MoveAllTo(IntervalTreeNode left) => MoveTo((LeafNode)left, 0);

    private void MoveTo(LeafNode target, int from)
    {
        CopyAddresses(from, target, target.Count);
        for (int i = from; i < Count; i++)
        {
            target.Notifiers[target.Count + i - from] = Notifiers[i];
            Notifiers[i]!.Leaf = target;
            Notifiers[i] = null;
        }

        target.Count += Count - from;
        target._firstStamp = target.Notifiers[0]!.TreeStamp;
        Count = from;
    }
}
