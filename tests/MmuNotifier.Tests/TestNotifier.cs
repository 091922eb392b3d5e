namespace MmuNotifier.Tests;

internal delegate InvalidateResult Callback(TestNotifier notifier, in Invalidation invalidation);

/// <summary>A notifier whose callback is given, and which reports its release.</summary>
internal sealed class TestNotifier(Callback? callback = null, object? owner = null) : IntervalNotifier(owner)
{
    public static readonly TimeSpan Limit = Patience.Limit;

    public List<Invalidation> Calls { get; } = [];

    public ManualResetEventSlim ReleasedEvent { get; } = new();

    public Action? OnReleased { get; init; }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        lock (Calls)
            Calls.Add(invalidation);
        return callback?.Invoke(this, invalidation) ?? InvalidateResult.Done;
    }

    protected override void Released()
    {
        OnReleased?.Invoke();
        ReleasedEvent.Set();
    }
}
