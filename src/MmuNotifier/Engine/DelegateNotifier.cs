namespace MmuNotifier;

/// <summary>A notifier whose callback is a delegate.</summary>
internal sealed class DelegateNotifier(InvalidateCallback callback, object? owner) : IntervalNotifier(owner)
{
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => callback(in invalidation);
}
