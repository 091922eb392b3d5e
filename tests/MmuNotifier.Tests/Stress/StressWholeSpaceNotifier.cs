namespace MmuNotifier.Tests.Stress;

/// <summary>A whole-space notifier that counts its pairs.</summary>
internal sealed class StressWholeSpaceNotifier(StressRun run) : WholeSpaceNotifier
{
    private int _open;
    private int _releases;

    public int Open => Volatile.Read(ref _open);

    public int Releases => Volatile.Read(ref _releases);

    protected internal override bool InvalidateStart(in Invalidation invalidation)
    {
        run.Model.Require(Releases == 0, "a whole-space start after Released");
        StressRun.Pause();
        if (!invalidation.IsBlockable && StressRun.Chance(10))
            return false;
        Interlocked.Increment(ref _open);
        return true;
    }

    protected internal override void InvalidateEnd(in Invalidation invalidation)
    {
        run.Model.Require(Releases == 0, "a whole-space end after Released");
        run.Model.Require(Interlocked.Decrement(ref _open) >= 0, "a whole-space end without its start");
    }

    protected override void Released()
    {
        run.Model.Require(Open == 0, "a whole-space notifier was released before its missing ends");
        run.Model.Require(Interlocked.Increment(ref _releases) == 1, "Released of a whole-space notifier came twice");
    }
}
