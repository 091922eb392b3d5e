namespace MmuNotifier;

/// <summary>A second step that a callback returned. Written by the walking thread before the cursor moves on from the call.</summary>
internal struct SecondStep
{
    /// <summary>What to run; null when it has run.</summary>
    public AtomicReference<ISecondStep> Step;

    /// <summary>Whose call returned it; null when it is dropped. Who finds either of the two gone has seen what the step did.</summary>
    public AtomicReference<IntervalNotifier> Notifier;

    public AddressRange Overlap;

    /// <summary>The position of the call; see <see cref="ActiveInvalidation.Cursor"/>.</summary>
    public int Position;
}
