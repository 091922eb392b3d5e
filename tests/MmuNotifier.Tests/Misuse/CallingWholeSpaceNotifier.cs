namespace MmuNotifier.Tests.Misuse;

internal sealed class CallingWholeSpaceNotifier : WholeSpaceNotifier
{
    public Action? OnStart { get; init; }

    public Action? OnEnd { get; init; }

    protected internal override bool InvalidateStart(in Invalidation invalidation)
    {
        OnStart?.Invoke();
        return true;
    }

    protected internal override void InvalidateEnd(in Invalidation invalidation) => OnEnd?.Invoke();
}
