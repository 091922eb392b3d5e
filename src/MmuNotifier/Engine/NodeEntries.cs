using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>The addresses of a node's entries, in line.</summary>
[InlineArray(IntervalTreeNode.Capacity)]
internal struct NodeAddresses
{
    private ulong _first;
}

/// <summary>The children of an inner node, in line.</summary>
[InlineArray(IntervalTreeNode.Capacity)]
internal struct NodeChildren
{
    private IntervalTreeNode? _first;
}

/// <summary>The notifiers of a leaf, in line.</summary>
[InlineArray(IntervalTreeNode.Capacity)]
internal struct NodeNotifiers
{
    private IntervalNotifier? _first;
}
