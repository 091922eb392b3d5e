namespace MmuNotifier;

/// <summary>A call that the removal of a notifier waits for. The walking thread notifies the removal when the call has returned.</summary>
/// <param name="Notifier">The removed notifier.</param>
/// <param name="Position">Which hit of the invalidation's start.</param>
internal readonly record struct AwaitedCall(IntervalNotifier Notifier, int Position);
