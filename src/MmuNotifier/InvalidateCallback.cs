namespace MmuNotifier;

/// <summary>What a notifier that is made from a delegate does with an invalidation; see <see cref="IntervalNotifier.Create"/>.</summary>
/// <param name="invalidation">What is invalidated and why.</param>
/// <returns>As <see cref="IntervalNotifier.Invalidate"/>.</returns>
public delegate InvalidateResult InvalidateCallback(in Invalidation invalidation);
