namespace MmuNotifier;

/// <content>Steps from one notifier to the next.</content>
internal sealed partial class IntervalTree
{
    /// <summary>
    /// The first notifier that meets the range and comes after a place in the tree's order; null if there is none. Logarithmic: of the
    /// nodes that seem to have one, at most two in each level have none, the one with the place and the last that starts in the range.
    /// </summary>
    public IntervalNotifier? FindNext(AddressRange range, TreePlace after) => FindNext(_root, range, after);

    private static IntervalNotifier? FindNext(IntervalTreeNode node, AddressRange range, TreePlace after)
    {
        // What is before the last entry that is not behind the place is not behind it either.
        for (int i = Math.Max(0, LastNotBehind(node, after)); i < node.Count && node.Starts[i] <= range.Last; i++)
        {
            StepCount.Add();
            if (node.Lasts[i] < range.Start)
                continue;
            if (node is LeafNode leaf)
            {
                if (leaf.NotifierAt(i).TreePlace.IsAfter(after))
                    return leaf.NotifierAt(i);
            }
            else if (FindNext(((InnerNode)node).ChildAt(i), range, after) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The index of the last entry whose first notifier is not behind a place; -1 if there is none.</summary>
    private static int LastNotBehind(IntervalTreeNode node, TreePlace place)
    {
        int low = node.LowerBound(place.Start);
        int high = node.UpperBound(place.Start);
        while (low < high)
        {
            StepCount.Add();
            int middle = (low + high) >>> 1;
            if (FirstPlaceOf(node, middle).IsAfter(place))
                high = middle;
            else
                low = middle + 1;
        }

        return low - 1;
    }

    /// <summary>The place of the first notifier below an entry.</summary>
    private static TreePlace FirstPlaceOf(IntervalTreeNode node, int index)
    {
        while (node is InnerNode inner)
        {
            StepCount.Add();
            node = inner.ChildAt(index);
            index = 0;
        }

        return ((LeafNode)node).NotifierAt(index).TreePlace;
    }
}
