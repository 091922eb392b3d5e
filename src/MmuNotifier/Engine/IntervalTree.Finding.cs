namespace MmuNotifier;

/// <content>Steps from one notifier to the next.</content>
internal sealed partial class IntervalTree
{
    /// <summary>
    /// The first notifier that meets the range and comes after the position (start, stamp) in the tree's order; null if there is none.
    /// </summary>
    public IntervalNotifier? FindNext(AddressRange range, ulong afterStart, long afterStamp) => FindNext(_root, range, afterStart, afterStamp);

    private static IntervalNotifier? FindNext(IntervalTreeNode node, AddressRange range, ulong afterStart, long afterStamp)
    {
        // What lies before the last entry that starts below afterStart holds only starts below it (or equal to it, at its very end).
        for (int i = Math.Max(0, node.LowerBound(afterStart) - 1); i < node.Count && node.Starts[i] <= range.Last; i++)
        {
            if (node.Lasts[i] < range.Start)
                continue;
            if (node is LeafNode leaf)
            {
                IntervalNotifier notifier = leaf.NotifierAt(i);
                if (node.Starts[i] > afterStart || (node.Starts[i] == afterStart && notifier.TreeStamp > afterStamp))
                    return notifier;
            }
            else if (FindNext(((InnerNode)node).ChildAt(i), range, afterStart, afterStamp) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
