namespace MmuNotifier;

/// <summary>A call that the removal of a notifier waits for. The walking thread tells when it has returned.</summary>
/// <param name="Notifier">The removed notifier.</param>
/// <param name="Position">Which hit of the invalidation's start; unused if inherited.</param>
/// <param name="Inherited">The inherited hit, or null.</param>
internal readonly record struct AwaitedHit(IntervalNotifier Notifier, int Position, InheritedHit? Inherited);
