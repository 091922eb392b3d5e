using System.Numerics;
using System.Runtime.CompilerServices;

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
        for (int depth = 0; node is InnerNode inner; depth++)
        {
            int index = inner.FirstEndingFrom(start);
            if (index >= inner.Count || inner.Starts[index] > last)
                return true;
            if (inner.NextStartsBy(index, last) || depth == DepthLimit)
                return VisitChildren(inner, start, last, depth, ref visitor);
            node = inner.Children[index];
        }

        return node is not null && VisitLeaf(Unsafe.As<LeafNode>(node), start, last, ref visitor);
    }

    private static bool VisitChildren<TVisitor>(
        InnerNode node, ulong start, ulong last, int depth, ref TVisitor visitor)
        where TVisitor : struct, ILeafVisitor, allows ref struct
    {
        if (depth == DepthLimit)
            return false;
        for (uint entries = node.EntriesThatMeet(start, last); entries != 0; entries &= entries - 1)
        {
            bool proceeds = node.Children[BitOperations.TrailingZeroCount(entries)] switch
            {
                LeafNode leaf => VisitLeaf(leaf, start, last, ref visitor),
                InnerNode inner => VisitChildren(inner, start, last, depth + 1, ref visitor),
                _ => false,
            };
            if (!proceeds)
                return false;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool VisitLeaf<TVisitor>(LeafNode leaf, ulong start, ulong last, ref TVisitor visitor)
        where TVisitor : struct, ILeafVisitor, allows ref struct
    {
        leaf.TouchNotifiers();
        uint entries = leaf.EntriesThatMeet(start, last);
        return entries == 0 || visitor.Visit(leaf, entries);
    }
}
