using System.Collections.Concurrent;

namespace MmuNotifier.Tests.Regression;

/// <summary>A notifier whose callback is a script, and which notes its calls and releases.</summary>
internal sealed class ScriptedNotifier(Action<ScriptedNotifier, Invalidation>? script = null) : IntervalNotifier
{
    private readonly CountdownEvent _released = new(1);

    public ConcurrentQueue<AddressRange> Overlaps { get; } = new();

    public int Releases { get; private set; }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Overlaps.Enqueue(invalidation.Overlap);
        script?.Invoke(this, invalidation);
        return InvalidateResult.Done;
    }

    protected override void Released()
    {
        Releases++;
        _released.Signal();
    }

    public void AwaitReleased() => Assert.True(_released.Wait(Patience.Limit), "Released did not come.");
}
