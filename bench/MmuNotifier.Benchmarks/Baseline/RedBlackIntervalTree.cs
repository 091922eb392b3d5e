namespace MmuNotifier.Benchmarks.Baseline;

/// <summary>
/// A red-black tree ordered by start, equal starts by insertion, augmented with the greatest last below each node: what
/// <c>lib/interval_tree.c</c> is, written afresh. Intrusive and iterative; nothing is allocated.
/// </summary>
internal sealed partial class RedBlackIntervalTree
{
    private KernelNotifier? _root;

    /// <summary>The node with the smallest start, so that a query left of everything ends at once.</summary>
    private KernelNotifier? _leftmost;

    internal KernelNotifier? Root => _root;

    private void ReplaceChild(KernelNotifier? parent, KernelNotifier oldChild, KernelNotifier? newChild)
    {
        if (parent is null)
            _root = newChild;
        else if (ReferenceEquals(parent.Left, oldChild))
            parent.Left = newChild;
        else
            parent.Right = newChild;
    }

    /// <summary>Lifts the right child of a node into its place.</summary>
    private void RotateLeft(KernelNotifier node)
    {
        KernelNotifier lifted = node.Right!;
        KernelNotifier? parent = node.Parent;
        node.Right = lifted.Left;
        if (lifted.Left is { } moved)
            moved.Parent = node;
        lifted.Left = node;
        node.Parent = lifted;
        lifted.Parent = parent;
        ReplaceChild(parent, node, lifted);
        lifted.SubtreeLast = node.SubtreeLast;
        node.SubtreeLast = LastBelow(node);
    }

    /// <summary>Lifts the left child of a node into its place.</summary>
    private void RotateRight(KernelNotifier node)
    {
        KernelNotifier lifted = node.Left!;
        KernelNotifier? parent = node.Parent;
        node.Left = lifted.Right;
        if (lifted.Right is { } moved)
            moved.Parent = node;
        lifted.Right = node;
        node.Parent = lifted;
        lifted.Parent = parent;
        ReplaceChild(parent, node, lifted);
        lifted.SubtreeLast = node.SubtreeLast;
        node.SubtreeLast = LastBelow(node);
    }

    private static ulong LastBelow(KernelNotifier node)
    {
        ulong last = node.Last;
        if (node.Left is { } left && left.SubtreeLast > last)
            last = left.SubtreeLast;
        if (node.Right is { } right && right.SubtreeLast > last)
            last = right.SubtreeLast;
        return last;
    }
}
