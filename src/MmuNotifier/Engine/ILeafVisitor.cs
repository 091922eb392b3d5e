namespace MmuNotifier;

/// <summary>What is done with each leaf that a walk of the tree meets; a struct, so that the walk is compiled for it.</summary>
internal interface ILeafVisitor
{
    /// <summary>Called in ascending order of start.</summary>
    /// <param name="leaf">A leaf.</param>
    /// <param name="entries">One bit for each entry that meets the range, the lowest for the first; at least one.</param>
    /// <returns>False to end the walk.</returns>
    bool Visit(LeafNode leaf, uint entries);
}
