using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// The notifiers of an address space by range: a B+tree ordered by start (ties in order of insertion), each entry with the greatest last
/// address below it, changed in place. Guarded by the engine lock. Replaces Linux's augmented red-black tree (<c>interval_tree.h</c>):
/// a node's keys share cache lines, so a query touches a fraction of the memory.
/// </summary>
/// <remarks>
/// Invariants: entries of a node are sorted by start; an inner entry's start is the least start and its last the greatest last of its
/// child; a node other than the root is not empty; two neighbours below one parent are merged when they fit into three quarters of one.
/// Emptied nodes are kept for reuse, so that a steady population allocates nothing.
/// </remarks>
internal sealed class IntervalTree
{
    private const int MergeBelow = IntervalTreeNode.Capacity * 3 / 4;

    private IntervalTreeNode _root = new() { IsLeaf = true };
    private IntervalTreeNode? _spare;
    private long _lastStamp;

    public int Count { get; private set; }

    public void Insert(IntervalNotifier notifier, AddressRange range)
    {
        Debug.Assert(notifier.Leaf is null, "A notifier is in the tree at most once.");
        IntervalTreeNode leaf = _root;
        while (!leaf.IsLeaf)
            leaf = leaf.ChildAt(Math.Max(0, leaf.UpperBound(range.Start) - 1));
        notifier.TreeStamp = ++_lastStamp;
        InsertEntry(leaf, leaf.UpperBound(range.Start), range.Start, range.Last, notifier);
        Count++;
    }

    public void Remove(IntervalNotifier notifier)
    {
        IntervalTreeNode leaf = notifier.Leaf!;
        notifier.Leaf = null;
        RemoveEntry(leaf, leaf.IndexOf(notifier));
        Count--;
    }

    public void Move(IntervalNotifier notifier, AddressRange from, AddressRange to)
    {
        if (from.Start == to.Start)
        {
            IntervalTreeNode leaf = notifier.Leaf!;
            leaf.Lasts[leaf.IndexOf(notifier)] = to.Last;
            UpdateAncestors(leaf);
            return;
        }

        Remove(notifier);
        Insert(notifier, to);
    }

    /// <summary>Visits every notifier that meets the range, in ascending order of start. The visitor must not change the tree.</summary>
    public void Visit<TVisitor>(AddressRange range, ref TVisitor visitor)
        where TVisitor : struct, IIntervalVisitor
    {
        Visit(_root, range, ref visitor);
    }

    /// <summary>
    /// The first notifier that meets the range and comes after the position (start, stamp) in the tree's order; null if there is none.
    /// </summary>
    public IntervalNotifier? FindNext(AddressRange range, ulong afterStart, long afterStamp) => FindNext(_root, range, afterStart, afterStamp);

    [Conditional("DEBUG")]
    public void AssertInvariants() => Debug.Assert(CheckNode(_root) == Count, "The tree has lost count of its notifiers.");

    private static void Visit<TVisitor>(IntervalTreeNode node, AddressRange range, ref TVisitor visitor)
        where TVisitor : struct, IIntervalVisitor
    {
        for (int i = 0; i < node.Count && node.Starts[i] <= range.Last; i++)
        {
            if (node.Lasts[i] < range.Start)
                continue;
            if (node.IsLeaf)
                visitor.Visit(node.NotifierAt(i));
            else
                Visit(node.ChildAt(i), range, ref visitor);
        }
    }

    private static IntervalNotifier? FindNext(IntervalTreeNode node, AddressRange range, ulong afterStart, long afterStamp)
    {
        // What lies before the last entry that starts below afterStart holds only starts below it (or equal to it, at its very end).
        for (int i = Math.Max(0, node.LowerBound(afterStart) - 1); i < node.Count && node.Starts[i] <= range.Last; i++)
        {
            if (node.Lasts[i] < range.Start)
                continue;
            if (node.IsLeaf)
            {
                IntervalNotifier notifier = node.NotifierAt(i);
                if (node.Starts[i] > afterStart || (node.Starts[i] == afterStart && notifier.TreeStamp > afterStamp))
                    return notifier;
            }
            else if (FindNext(node.ChildAt(i), range, afterStart, afterStamp) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private void InsertEntry(IntervalTreeNode node, int index, ulong start, ulong last, object item)
    {
        if (node.Count == IntervalTreeNode.Capacity)
        {
            IntervalTreeNode right = Split(node);
            if (index > node.Count)
            {
                index -= node.Count;
                node = right;
            }
        }

        node.InsertAt(index, start, last, item);
        UpdateAncestors(node);
    }

    private IntervalTreeNode Split(IntervalTreeNode node)
    {
        if (node.Parent is null)
        {
            IntervalTreeNode root = Rent(isLeaf: false);
            root.InsertAt(0, node.MinStart, node.MaxLast, node);
            _root = root;
        }

        IntervalTreeNode right = Rent(node.IsLeaf);
        node.MoveTailTo(right, node.Count / 2);
        IntervalTreeNode parent = node.Parent!;
        int index = parent.IndexOf(node);
        parent.Lasts[index] = node.MaxLast;
        InsertEntry(parent, index + 1, right.MinStart, right.MaxLast, right);
        return right;
    }

    private void RemoveEntry(IntervalTreeNode node, int index)
    {
        node.RemoveAt(index);
        IntervalTreeNode? parent = node.Parent;
        if (parent is null)
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

        UpdateAncestors(node);
        MergeWithNeighbour(node, parent);
    }

    private void MergeWithNeighbour(IntervalTreeNode node, IntervalTreeNode parent)
    {
        int index = parent.IndexOf(node);
        int leftIndex = index > 0 && parent.ChildAt(index - 1).Count + node.Count <= MergeBelow ? index - 1 : index;
        if (leftIndex + 1 >= parent.Count)
            return;
        IntervalTreeNode left = parent.ChildAt(leftIndex);
        IntervalTreeNode right = parent.ChildAt(leftIndex + 1);
        if (left.Count + right.Count > MergeBelow)
            return;
        right.MoveAllTo(left);
        parent.Lasts[leftIndex] = left.MaxLast;
        RemoveEntry(parent, leftIndex + 1);
        Return(right);
    }

    private void CollapseRoot()
    {
        while (!_root.IsLeaf && _root.Count == 1)
        {
            IntervalTreeNode old = _root;
            _root = old.ChildAt(0);
            _root.Parent = null;
            old.RemoveAt(0);
            Return(old);
        }

        if (_root.Count == 0)
            _root.IsLeaf = true;
    }

    private static void UpdateAncestors(IntervalTreeNode node)
    {
        for (IntervalTreeNode? parent = node.Parent; parent is not null; node = parent, parent = node.Parent)
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

    private IntervalTreeNode Rent(bool isLeaf)
    {
        IntervalTreeNode node = _spare ?? new IntervalTreeNode();
        if (_spare is not null)
        {
            _spare = node.Parent;
            node.Parent = null;
        }

        node.IsLeaf = isLeaf;
        return node;
    }

    /// <summary>Keeps an emptied node for reuse; the spare nodes are linked by their parent field.</summary>
    private void Return(IntervalTreeNode node)
    {
        node.Parent = _spare;
        _spare = node;
    }

    private static int CheckNode(IntervalTreeNode node)
    {
        int notifiers = 0;
        for (int i = 0; i < node.Count; i++)
        {
            Debug.Assert(i == 0 || node.Starts[i - 1] <= node.Starts[i], "Entries are sorted by start.");
            if (node.IsLeaf)
            {
                IntervalNotifier notifier = node.NotifierAt(i);
                Debug.Assert(ReferenceEquals(notifier.Leaf, node), "A notifier knows its leaf.");
                Debug.Assert(notifier.RangeLocked == new AddressRange(node.Starts[i], node.Lasts[i]), "The tree has the notifier's range.");
                notifiers++;
                continue;
            }

            IntervalTreeNode child = node.ChildAt(i);
            Debug.Assert(ReferenceEquals(child.Parent, node), "A child knows its parent.");
            Debug.Assert(child.Count > 0 && child.MinStart == node.Starts[i] && child.MaxLast == node.Lasts[i], "Bounds are exact.");
            notifiers += CheckNode(child);
        }

        return notifiers;
    }
}
