namespace MmuNotifier.Growth;

/// <summary>A notifier of the growth rows: does in its callback what a row wants.</summary>
internal sealed class GrowthNotifier : IntervalNotifier, ISecondStep
{
    public Action<GrowthNotifier>? OnCall { get; set; }

    public bool HasSecondStep { get; init; }

    public Action<GrowthNotifier>? OnSecondStep { get; set; }

    public void Finish(in Invalidation invalidation) => OnSecondStep?.Invoke(this);

#if EXPLORATION
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
#else
    protected override InvalidateResult Invalidate(in Invalidation invalidation)
#endif
    {
        OnCall?.Invoke(this);
        return HasSecondStep ? InvalidateResult.FinishWith(this) : InvalidateResult.Done;
    }
}
