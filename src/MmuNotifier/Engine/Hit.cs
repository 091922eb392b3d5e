namespace MmuNotifier;

/// <summary>
/// One call that an invalidation owes to a notifier that it met at its start. Written by the walking thread before the invalidation is
/// published; then it is fixed, but that a removal may take a call back that is still due.
/// </summary>
internal struct Hit
{
    /// <summary>Whom to call; null if the notifier was removed before its turn.</summary>
    public AtomicReference<IntervalNotifier> Notifier;

    /// <summary>First byte that the call must invalidate. Does not decrease from hit to hit.</summary>
    /// <remarks>Two words and no range: read as one soon after it was written as two, it would stall the processor.</remarks>
    public ulong OverlapStart;

    /// <summary>Last byte that the call must invalidate, inclusive.</summary>
    public ulong OverlapLast;

    /// <summary>The second step that the call returned, until it has run.</summary>
    public AtomicReference<ISecondStep> SecondStep;
}
