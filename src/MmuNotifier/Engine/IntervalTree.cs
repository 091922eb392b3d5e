using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// The notifiers of an address space by range: a B+tree ordered by start (ties in order of insertion), each entry with the greatest last
/// address below it, changed in place under the engine lock. Replaces Linux's augmented red-black tree (<c>interval_tree.h</c>): a node's
/// keys share cache lines, so a query touches a fraction of the memory.
/// </summary>
/// <remarks>
/// Invariants: entries of a node are sorted by start; an inner entry's start is the least start and its last the greatest last of its
/// child; a node other than the root is not empty; one that a removal leaves a quarter full is merged with a neighbour if both fit into
/// three quarters of one. Emptied nodes are kept for reuse, so that a steady population allocates nothing, as long as they are few beside
/// those in use. A leaf that a walk still reads is not changed: an edit puts a copy in its place, once for each walk at most.
/// </remarks>
/// <param name="isBeingWalked">Whether a walk that has left the tree still reads a leaf.</param>
internal sealed partial class IntervalTree(Func<LeafNode, bool> isBeingWalked)
{
    private const int MergeFrom = IntervalTreeNode.Capacity / 4;
    private const int MergeInto = IntervalTreeNode.Capacity * 3 / 4;

    private IntervalTreeNode _root = new LeafNode();
    private LeafNode? _spareLeaf;
    private InnerNode? _spareInner;
    private NodeCount _leaves = new(inUse: 1);
    private NodeCount _inners = new(inUse: 0);

    public int Count { get; private set; }

    /// <summary>The stamp of the last insertion or move to another start.</summary>
    public long LastStamp { get; private set; }

    public void Insert(IntervalNotifier notifier, AddressRange range)
    {
        Debug.Assert(notifier.Leaf is null, "A notifier is in the tree at most once.");
        SchedulingPoint.Mark();
        IntervalTreeNode node = _root;
        while (node is InnerNode inner)
        {
            int index = Math.Max(0, inner.UpperBound(range.Start) - 1);
            inner.Starts[index] = Math.Min(inner.Starts[index], range.Start);
            inner.Lasts[index] = Math.Max(inner.Lasts[index], range.Last);
            node = inner.ChildAt(index);
        }

        LeafNode leaf = Writable((LeafNode)node);
        notifier.TreeStamp = ++LastStamp;
        Count++;
        if (leaf.Count < IntervalTreeNode.Capacity)
        {
            leaf.InsertAt(leaf.UpperBound(range.Start), range.Start, range.Last, notifier); // The ancestors know on the way down.
            return;
        }

        var right = (LeafNode)Split(leaf, SplitPoint(leaf, leaf.UpperBound(range.Start)));
        if (range.Start >= right.MinStart)
            leaf = right;
        leaf.InsertAt(leaf.UpperBound(range.Start), range.Start, range.Last, notifier);
        UpdateAncestors(leaf);
    }

    public void Remove(IntervalNotifier notifier, ulong start)
    {
        SchedulingPoint.Mark();
        LeafNode leaf = Writable(notifier.Leaf!);
        notifier.Leaf = null;
        RemoveEntry(leaf, leaf.IndexOf(notifier, start));
        Count--;
    }

    public void Move(IntervalNotifier notifier, AddressRange from, AddressRange to)
    {
        if (from.Start == to.Start)
        {
            SchedulingPoint.Mark();
            LeafNode leaf = Writable(notifier.Leaf!);
            leaf.Lasts[leaf.IndexOf(notifier, from.Start)] = to.Last;
            UpdateAncestors(leaf);
            return;
        }

        Remove(notifier, from.Start);
        Insert(notifier, to);
    }

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        StepCount.Suspend();
        Debug.Assert(CheckNode(_root) == Count, "The tree has lost count of its notifiers.");
        StepCount.Resume();
    }

    /// <summary>
    /// Where a full leaf is split for the latest insertion, at an index: in the middle, or at the end of a run of ascending insertions, so
    /// that it leaves full leaves behind. A run has a quarter of a leaf: no order of insertions leaves the leaves emptier than that.
    /// </summary>
    private int SplitPoint(LeafNode leaf, int index)
    {
        const int middle = IntervalTreeNode.Capacity / 2;
        bool continuesRun = index >= middle && leaf.NotifierAt(index - MergeFrom).TreeStamp == LastStamp - MergeFrom;
        return continuesRun ? Math.Min(index, IntervalTreeNode.Capacity - 1) : middle;
    }

    /// <summary>Moves the entries of a full node from an index on to a new one on its right, and gives that.</summary>
    private IntervalTreeNode Split(IntervalTreeNode node, int from)
    {
        if (node.Parent is null)
        {
            InnerNode root = RentInner();
            root.InsertAt(0, node.MinStart, node.MaxLast, node);
            _root = root;
        }

        InnerNode parent = node.Parent!;
        if (parent.Count == IntervalTreeNode.Capacity)
        {
            Split(parent, parent.Count / 2);
            parent = node.Parent!;
        }

        IntervalTreeNode right = node is LeafNode ? RentLeaf() : RentInner();
        node.MoveTailTo(right, from);
        SchedulingPoint.Mark();
        int index = parent.IndexOf(node);
        parent.Lasts[index] = node.MaxLast;
        parent.InsertAt(index + 1, right.MinStart, right.MaxLast, right);
        return right;
    }

    private void RemoveEntry(IntervalTreeNode node, int index)
    {
        ulong last = node.Lasts[index];
        node.RemoveAt(index);
        if (node.Parent is not { } parent)
        {
            CollapseRoot();
            return;
        }

        if (node.Count == 0)
        {
            RemoveEntry(parent, parent.IndexOf(node));
            Return(node);
            return;
        }

        if (index == 0 || parent.Lasts[parent.IndexOf(node)] == last)
            UpdateAncestors(node);
        if (node.Count <= MergeFrom)
            MergeWithNeighbour(node, parent);
    }

    private void MergeWithNeighbour(IntervalTreeNode node, InnerNode parent)
    {
        int index = parent.IndexOf(node);
        int leftIndex = index > 0 && parent.ChildAt(index - 1).Count + node.Count <= MergeInto ? index - 1 : index;
        if (leftIndex + 1 >= parent.Count)
            return;
        if (parent.ChildAt(leftIndex).Count + parent.ChildAt(leftIndex + 1).Count > MergeInto)
            return;
        IntervalTreeNode left = Writable(parent.ChildAt(leftIndex));
        IntervalTreeNode right = Writable(parent.ChildAt(leftIndex + 1));
        right.MoveAllTo(left);
        SchedulingPoint.Mark();
        parent.Lasts[leftIndex] = left.MaxLast;
        RemoveEntry(parent, leftIndex + 1);
        Return(right);
    }

    private IntervalTreeNode Writable(IntervalTreeNode node) => node is LeafNode leaf ? Writable(leaf) : node;

    /// <summary>The leaf, or if a walk still reads it, a copy that takes its place. The old one is never used again.</summary>
    private LeafNode Writable(LeafNode leaf)
    {
        if (!isBeingWalked(leaf))
            return leaf;
        LeafNode copy = RentLeaf();
        _leaves.InUse--; // In place of the other, which is not returned.
        copy.TakeOver(leaf);
        if (leaf.Parent is { } parent)
            parent.Children[parent.IndexOf(leaf)] = copy;
        else
            _root = copy;
        return copy;
    }

    private void CollapseRoot()
    {
        while (_root is InnerNode { Count: 1 } old)
        {
            _root = old.ChildAt(0);
            _root.Parent = null;
            old.RemoveAt(0);
            Return(old);
        }

        if (_root is InnerNode { Count: 0 } empty)
        {
            _root = RentLeaf();
            Return(empty);
        }
    }

    private static void UpdateAncestors(IntervalTreeNode node)
    {
        for (InnerNode? parent = node.Parent; parent is not null; node = parent, parent = node.Parent)
        {
            int index = parent.IndexOf(node);
            ulong start = node.MinStart;
            ulong last = node.MaxLast;
            if (parent.Starts[index] == start && parent.Lasts[index] == last)
                return;
            parent.Starts[index] = start;
            parent.Lasts[index] = last;
        }
    }

    private LeafNode RentLeaf()
    {
        _leaves.InUse++;
        if (_spareLeaf is not { } leaf)
            return new LeafNode();
        _leaves.Spare--;
        _spareLeaf = leaf.NextSpare;
        leaf.NextSpare = null;
        return leaf;
    }

    private InnerNode RentInner()
    {
        _inners.InUse++;
        if (_spareInner is not { } inner)
            return new InnerNode();
        _inners.Spare--;
        _spareInner = inner.Parent;
        inner.Parent = null;
        return inner;
    }

    /// <summary>Keeps an emptied node for reuse, and lets go what is too much.</summary>
    private void Return(IntervalTreeNode node)
    {
        if (node is LeafNode leaf)
        {
            leaf.Parent = null;
            leaf.NextSpare = _spareLeaf;
            _spareLeaf = leaf;
            for (_leaves.Return(); _leaves.HasTooManySpares; _leaves.Spare--)
                _spareLeaf = _spareLeaf!.NextSpare;
            return;
        }

        node.Parent = _spareInner;
        _spareInner = (InnerNode)node;
        for (_inners.Return(); _inners.HasTooManySpares; _inners.Spare--)
            _spareInner = _spareInner!.Parent;
    }

    private static int CheckNode(IntervalTreeNode node)
    {
        int notifiers = 0;
        for (int i = 0; i < node.Count; i++)
        {
            Debug.Assert(i == 0 || node.Starts[i - 1] <= node.Starts[i], "Entries are sorted by start.");
            if (node is LeafNode leaf)
            {
                IntervalNotifier notifier = leaf.NotifierAt(i);
                Debug.Assert(ReferenceEquals(notifier.Leaf, leaf), "A notifier knows its leaf.");
                Debug.Assert(notifier.RangeLocked == new AddressRange(node.Starts[i], node.Lasts[i]), "The tree has the notifier's range.");
                Debug.Assert(i > 0 || leaf.FirstPlace == notifier.TreePlace, "A leaf knows the place of its first notifier.");
                notifiers++;
                continue;
            }

            IntervalTreeNode child = ((InnerNode)node).ChildAt(i);
            Debug.Assert(ReferenceEquals(child.Parent, node), "A child knows its parent.");
            Debug.Assert(child.Count > 0 && child.MinStart == node.Starts[i] && child.MaxLast == node.Lasts[i], "Bounds are exact.");
            notifiers += CheckNode(child);
        }

        return notifiers;
    }
}
