namespace MmuNotifier;

/// <summary>A node whose entries are nodes: their least start and greatest last.</summary>
internal sealed class InnerNode : IntervalTreeNode
{
    public NodeChildren Children;

    public IntervalTreeNode ChildAt(int index) => Children[index]!;

    public int IndexOf(IntervalTreeNode child)
    {
        int index = 0;
        while (!ReferenceEquals(Children[index], child))
            index++;
        return index;
    }

    public void InsertAt(int index, ulong start, ulong last, IntervalTreeNode child)
    {
        OpenGap(index, start, last);
        Span<IntervalTreeNode?> children = Children;
        children[index..Count].CopyTo(children[(index + 1)..]);
        children[index] = child;
        child.Parent = this;
        Count++;
    }

    public override void RemoveAt(int index)
    {
        CloseGap(index);
        Span<IntervalTreeNode?> children = Children;
        children[(index + 1)..Count].CopyTo(children[index..]);
        children[--Count] = null;
    }

    public override void MoveTailTo(IntervalTreeNode right, int from) => MoveTo((InnerNode)right, from);

    public override void MoveAllTo(IntervalTreeNode left) => MoveTo((InnerNode)left, 0);

    private void MoveTo(InnerNode target, int from)
    {
        CopyAddresses(from, target, target.Count);
        for (int i = from; i < Count; i++)
        {
            target.Children[target.Count + i - from] = Children[i];
            Children[i]!.Parent = target;
            Children[i] = null;
        }

        target.Count += Count - from;
        Count = from;
    }
}
