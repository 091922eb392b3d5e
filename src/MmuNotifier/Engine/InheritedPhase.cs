namespace MmuNotifier;

/// <summary>How far the call of an <see cref="InheritedHit"/> is.</summary>
internal enum InheritedPhase
{
    /// <summary>Due. A removal of the notifier, or a refusal of the invalidation, calls it off.</summary>
    Pending,
    Running,
    SecondStepTaken,
    Done,
}
