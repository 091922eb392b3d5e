namespace MmuNotifier.Benchmarks.Baseline;

/// <content>Insertion.</content>
internal sealed partial class RedBlackIntervalTree
{
    internal void Insert(KernelNotifier node)
    {
        ulong start = node.Start;
        ulong last = node.Last;
        KernelNotifier? parent = null;
        KernelNotifier? place = _root;
        bool goesLeft = false;
        bool isLeftmost = true;
        while (place is not null)
        {
            parent = place;
            if (place.SubtreeLast < last)
                place.SubtreeLast = last;
            goesLeft = start < place.Start;
            isLeftmost &= goesLeft;
            place = goesLeft ? place.Left : place.Right;
        }

        node.Left = null;
        node.Right = null;
        node.Parent = parent;
        node.SubtreeLast = last;
        node.IsRed = true;
        node.IsInTree = true;
        if (parent is null)
            _root = node;
        else if (goesLeft)
            parent.Left = node;
        else
            parent.Right = node;
        if (isLeftmost)
            _leftmost = node;
        RepairInsertion(node);
    }

    private void RepairInsertion(KernelNotifier node)
    {
        while (node.Parent is { IsRed: true } parent)
        {
            KernelNotifier grandparent = parent.Parent!; // The root is black, so a red parent has a parent.
            bool parentIsLeft = ReferenceEquals(grandparent.Left, parent);
            KernelNotifier? uncle = parentIsLeft ? grandparent.Right : grandparent.Left;
            if (uncle is { IsRed: true })
            {
                parent.IsRed = false;
                uncle.IsRed = false;
                grandparent.IsRed = true;
                node = grandparent;
                continue;
            }

            if (parentIsLeft)
            {
                if (ReferenceEquals(parent.Right, node))
                {
                    RotateLeft(parent);
                    parent = node;
                }

                RotateRight(grandparent);
            }
            else
            {
                if (ReferenceEquals(parent.Left, node))
                {
                    RotateRight(parent);
                    parent = node;
                }

                RotateLeft(grandparent);
            }

            parent.IsRed = false;
            grandparent.IsRed = true;
            return;
        }

        _root!.IsRed = false;
    }
}
