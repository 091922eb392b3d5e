namespace MmuNotifier;

/// <summary>
/// One hold of a find on a notifier. A value that knows whether it has ended: the enumerator that carries it can be copied (a foreach over
/// a half-used enumerator does that), and whichever copy lets go first ends it for all.
/// </summary>
/// <param name="Slot">Where it is noted; null for no hold.</param>
/// <param name="Number">Which hold of the slot.</param>
internal readonly record struct FindHold(FindHoldSlot? Slot, long Number)
{
    /// <summary>The notifier, as long as it is held. For the thread of the find, which is the one that ends the hold.</summary>
    public IntervalNotifier? Notifier => Slot?.HeldBy(this);
}
