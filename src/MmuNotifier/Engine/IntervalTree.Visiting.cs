using System.Numerics;

namespace MmuNotifier;

/// <content>Walks over the leaves that meet a range.</content>
internal sealed partial class IntervalTree
{
    /// <summary>More levels than a tree of 2^64 entries has: a walk that gets deeper reads nodes that are being used again.</summary>
    private const int DepthLimit = 24;

    /// <summary>Visits every leaf with notifiers that meet the range, in ascending order. The visitor must not change the tree.</summary>
    /// <remarks>
    /// Under the engine lock the walk is exact. Without it, it may meet anything that was ever in the tree, or give up; the caller throws
    /// the result away unless the tree's version is even and the same before and after.
    /// </remarks>
    /// <returns>Whether the walk came to its end.</returns>
    public bool Visit<TVisitor>(AddressRange range, ref TVisitor visitor)
        where TVisitor : struct, ILeafVisitor, allows ref struct
    {
        IntervalTreeNode? node = _root;
        ulong start = range.Start;
        ulong last = range.Last;
        int depth = 0;
        while (node is InnerNode inner)
        {
            uint entries = inner.EntriesThatMeet(start, last);
            if ((entries & (entries - 1)) != 0)
                return VisitChildren(inner, entries, start, last, depth, ref visitor);
            if (entries == 0)
                return true;
            if (++depth == DepthLimit)
                return false;
            node = inner.Children[BitOperations.TrailingZeroCount(entries)];
        }

        return node is not null && VisitLeaf((LeafNode)node, start, last, ref visitor);
    }

    private static bool VisitChildren<TVisitor>(
        InnerNode node, uint entries, ulong start, ulong last, int depth, ref TVisitor visitor)
        where TVisitor : struct, ILeafVisitor, allows ref struct
    {
        if (depth == DepthLimit)
            return false;
        for (; entries != 0; entries &= entries - 1)
        {
            bool goesOn = node.Children[BitOperations.TrailingZeroCount(entries)] switch
            {
                LeafNode leaf => VisitLeaf(leaf, start, last, ref visitor),
                InnerNode inner => VisitChildren(inner, inner.EntriesThatMeet(start, last), start, last, depth + 1, ref visitor),
                _ => false,
            };
            if (!goesOn)
                return false;
        }

        return true;
    }

    private static bool VisitLeaf<TVisitor>(LeafNode leaf, ulong start, ulong last, ref TVisitor visitor)
        where TVisitor : struct, ILeafVisitor, allows ref struct
    {
        uint entries = leaf.EntriesThatMeet(start, last);
        return entries == 0 || visitor.Visit(leaf, entries);
    }
}
