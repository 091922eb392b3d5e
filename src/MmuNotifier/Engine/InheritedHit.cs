namespace MmuNotifier;

/// <summary>
/// One call that an invalidation owes to a notifier that a batch put over bytes of one whose own call had not returned. All fields are
/// guarded by the engine lock, but the walking thread reads its running hit without it.
/// </summary>
internal sealed class InheritedHit(IntervalNotifier notifier, AddressRange overlap)
{
    public IntervalNotifier Notifier { get; } = notifier;

    /// <summary>What the call must invalidate. May grow as long as the call has not begun.</summary>
    public AddressRange Overlap { get; set; } = overlap;

    public InheritedPhase Phase { get; set; }

    public ISecondStep? SecondStep { get; set; }
}
