namespace MmuNotifier.Benchmarks.Baseline;

/// <content>Queries: first, then next, in ascending start. The tree must not change between them.</content>
internal sealed partial class RedBlackIntervalTree
{
    internal KernelNotifier? First(ulong start, ulong last)
    {
        KernelNotifier? root = _root;
        if (root is null || root.SubtreeLast < start || _leftmost!.Start > last)
            return null;
        return Search(root, start, last);
    }

    internal static KernelNotifier? Next(KernelNotifier node, ulong start, ulong last)
    {
        KernelNotifier? right = node.Right;
        while (true)
        {
            if (right is not null && start <= right.SubtreeLast)
                return Search(right, start, last);

            KernelNotifier previous;
            do
            {
                KernelNotifier? parent = node.Parent;
                if (parent is null)
                    return null;
                previous = node;
                node = parent;
                right = node.Right;
            }
            while (ReferenceEquals(previous, right));

            if (last < node.Start)
                return null;
            if (start <= node.Last)
                return node;
        }
    }

    /// <summary>The leftmost match below a node whose <see cref="KernelNotifier.SubtreeLast"/> reaches <paramref name="start"/>.</summary>
    private static KernelNotifier? Search(KernelNotifier node, ulong start, ulong last)
    {
        while (true)
        {
            if (node.Left is { } left && start <= left.SubtreeLast)
            {
                node = left;
                continue;
            }

            if (node.Start > last)
                return null;
            if (start <= node.Last)
                return node;
            if (node.Right is not { } right || start > right.SubtreeLast)
                return null;
            node = right;
        }
    }
}
