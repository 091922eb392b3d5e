namespace MmuNotifier;

/// <summary>
/// One call that an invalidation owes to a notifier that it met at its start. Written by the walking thread before the invalidation is
/// published; then it is fixed, but that a removal may take a call back that is still due.
/// </summary>
internal struct Hit
{
    /// <summary>Whom to call; null if the notifier was removed before its turn.</summary>
    public AtomicReference<IntervalNotifier> Notifier;

    /// <summary>What the call must invalidate. Its start does not decrease from hit to hit.</summary>
    public AddressRange Overlap;

    /// <summary>The second step that the call returned, until it has run.</summary>
    public AtomicReference<ISecondStep> SecondStep;
}
