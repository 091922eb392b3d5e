namespace MmuNotifier;

/// <summary>
/// One call that an invalidation owes to a notifier that a batch put over bytes of one whose own call had not returned. All fields are
/// guarded by the engine lock, but the walking thread reads its running hit without it.
/// </summary>
internal sealed class InheritedHit(IntervalNotifier notifier, AddressRange overlap, InheritedHit? earlier)
{
    public IntervalNotifier Notifier { get; } = notifier;

    /// <summary>What the call must invalidate. May grow as long as the call has not begun.</summary>
    public AddressRange Overlap { get; set; } = overlap;

    /// <summary>The one before of the same notifier; its call has begun, or is called off.</summary>
    public InheritedHit? Earlier { get; } = earlier;

    public InheritedPhase Phase { get; private set; }

    public ISecondStep? SecondStep { get; private set; }

    /// <summary>Whether the removal of the notifier waits for it.</summary>
    public bool IsAwaited { get; set; }

    public bool IsUnreturned => Phase is InheritedPhase.Pending or InheritedPhase.Running;

    public void Begin() => Phase = InheritedPhase.Running;

    public void CallOff() => Phase = InheritedPhase.Done;

    public void Return(ISecondStep? secondStep)
    {
        SecondStep = secondStep;
        Phase = secondStep is null ? InheritedPhase.Done : InheritedPhase.SecondStepTaken;
    }

    public void Finish() => Phase = InheritedPhase.Done;
}
