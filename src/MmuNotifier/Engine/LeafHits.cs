namespace MmuNotifier;

/// <summary>
/// The calls that an invalidation owes to notifiers of one leaf of the tree. The leaf itself says to whom and over which range: as long as
/// the walk continues, an edit copies it and leaves this one as it is. Written by the walking thread before the invalidation is published.
/// </summary>
internal struct LeafHits
{
    private const int EntryBits = IntervalTreeNode.Capacity;
    private const long EntryMask = (1L << EntryBits) - 1;

    /// <summary>The generation of the invalidation, above one bit for each entry whose call is owed.</summary>
    /// <remarks>With the generation, because a removal must not take a call back from a later use of the object.</remarks>
    private AtomicInt64 _owed;

    public AtomicReference<LeafNode> Leaf;

    public void Set(LeafNode leaf, uint entries, long generation)
    {
        Leaf.WriteRelaxed(leaf);
        _owed.WriteRelaxed((generation << EntryBits) | entries);
    }

    public readonly uint Owed => (uint)(_owed.Read() & EntryMask);

    /// <summary>Takes the call to one entry back. Without effect on a later use of the object.</summary>
    public void TakeBack(int entry, long generation)
    {
        long old = _owed.Read();
        while ((old & ~EntryMask) == generation << EntryBits)
        {
            long seen = _owed.CompareExchange(old & ~(1L << entry), old);
            if (seen == old)
                return;
            old = seen;
        }
    }
}
