namespace MmuNotifier.Tests.Misuse;

internal sealed class CallingNotifier : IntervalNotifier, ISecondStep
{
    public Action? OnCallback { get; set; }

    public Action<CallingNotifier>? OnCallbackOf { get; init; }

    public Action? OnSecondStep { get; init; }

    public int Calls { get; private set; }

    public void Finish(in Invalidation invalidation) => OnSecondStep?.Invoke();

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Calls++;
        OnCallback?.Invoke();
        OnCallbackOf?.Invoke(this);
        return OnSecondStep is null ? InvalidateResult.Done : InvalidateResult.FinishWith(this);
    }
}
