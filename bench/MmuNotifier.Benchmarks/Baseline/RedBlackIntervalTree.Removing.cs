namespace MmuNotifier.Benchmarks.Baseline;

/// <content>Removal.</content>
internal sealed partial class RedBlackIntervalTree
{
    internal void Remove(KernelNotifier node)
    {
        if (ReferenceEquals(_leftmost, node))
            _leftmost = Next(node);

        KernelNotifier? child;
        KernelNotifier? parent;
        bool removedRed;
        if (node.Left is { } left && node.Right is { } right)
        {
            // The next node in order takes the place, colour and children of the removed one.
            KernelNotifier successor = right;
            while (successor.Left is { } further)
                successor = further;
            child = successor.Right;
            removedRed = successor.IsRed;
            if (ReferenceEquals(successor, right))
            {
                parent = successor;
            }
            else
            {
                parent = successor.Parent!;
                parent.Left = child;
                if (child is not null)
                    child.Parent = parent;
                successor.Right = right;
                right.Parent = successor;
            }

            successor.Left = left;
            left.Parent = successor;
            successor.Parent = node.Parent;
            successor.IsRed = node.IsRed;
            ReplaceChild(node.Parent, node, successor);
        }
        else
        {
            child = node.Left ?? node.Right;
            parent = node.Parent;
            removedRed = node.IsRed;
            ReplaceChild(parent, node, child);
            if (child is not null)
                child.Parent = parent;
        }

        node.IsInTree = false;
        for (KernelNotifier? above = parent; above is not null; above = above.Parent)
            above.SubtreeLast = LastBelow(above);
        if (!removedRed)
            RepairRemoval(child, parent);
    }

    /// <summary>Restores the count of black nodes on the paths through <paramref name="node"/>, which is one short.</summary>
    private void RepairRemoval(KernelNotifier? node, KernelNotifier? parent)
    {
        while (parent is not null && node is not { IsRed: true })
        {
            bool nodeIsLeft = ReferenceEquals(parent.Left, node);
            KernelNotifier sibling = (nodeIsLeft ? parent.Right : parent.Left)!; // One black node short: the other side is not empty.
            if (sibling.IsRed)
            {
                sibling.IsRed = false;
                parent.IsRed = true;
                Lift(parent, nodeIsLeft);
                sibling = (nodeIsLeft ? parent.Right : parent.Left)!;
            }

            KernelNotifier? inner = nodeIsLeft ? sibling.Left : sibling.Right;
            KernelNotifier? outer = nodeIsLeft ? sibling.Right : sibling.Left;
            if (inner is not { IsRed: true } && outer is not { IsRed: true })
            {
                sibling.IsRed = true;
                node = parent;
                parent = node.Parent;
                continue;
            }

            if (outer is not { IsRed: true })
            {
                inner!.IsRed = false;
                sibling.IsRed = true;
                Lift(sibling, !nodeIsLeft);
                outer = sibling;
                sibling = inner;
            }

            sibling.IsRed = parent.IsRed;
            parent.IsRed = false;
            outer.IsRed = false;
            Lift(parent, nodeIsLeft);
            return;
        }

        if (node is not null)
            node.IsRed = false;
    }

    private void Lift(KernelNotifier parent, bool right)
    {
        if (right)
            RotateLeft(parent);
        else
            RotateRight(parent);
    }

    private static KernelNotifier? Next(KernelNotifier node)
    {
        if (node.Right is { } right)
        {
            while (right.Left is { } left)
                right = left;
            return right;
        }

        KernelNotifier? parent = node.Parent;
        while (parent is not null && ReferenceEquals(parent.Right, node))
        {
            node = parent;
            parent = node.Parent;
        }

        return parent;
    }
}
