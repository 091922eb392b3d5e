namespace MmuNotifier.Tests.Unvalidated;

internal sealed class ProbeNotifier : IntervalNotifier
{
    public Action? OnCallback { get; init; }

    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        OnCallback?.Invoke();
        return InvalidateResult.Done;
    }
}
