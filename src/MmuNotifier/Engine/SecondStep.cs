namespace MmuNotifier;

/// <summary>A second step that a callback returned. Written by the walking thread before the cursor moves on from the call.</summary>
internal struct SecondStep
{
    /// <summary>What to run; null when it has run. Who finds it gone has seen what the step did.</summary>
    public AtomicReference<ISecondStep> Step;

    /// <summary>Whose call returned it. For the walking thread.</summary>
    public IntervalNotifier? Notifier;

    public AddressRange Overlap;

    /// <summary>The position of the call; see <see cref="ActiveInvalidation.Cursor"/>. Ascending.</summary>
    public int Position;

    /// <summary>Whether the removal of the notifier waits for it. For the walking thread.</summary>
    public bool IsAwaited;
}
