using System.Collections.Concurrent;

namespace MmuNotifier.Tests.Stress;

/// <summary>A whole-space notifier that checks its pairs, each by itself where the invalidation has a name.</summary>
internal sealed class StressWholeSpaceNotifier(StressRun run) : WholeSpaceNotifier
{
    private readonly ConcurrentDictionary<StressToken, bool> _openTokens = new();
    private int _open;
    private int _releases;
    private volatile bool _isRemovalBegun;

    public int Open => Volatile.Read(ref _open);

    public int Releases => Volatile.Read(ref _releases);

    public bool IsRemovalBegun => _isRemovalBegun;

    public bool Throws { get; init; }

    public bool HasOpen(StressToken token) => _openTokens.ContainsKey(token);

    public void NoteRemoval() => _isRemovalBegun = true;

    protected internal override bool InvalidateStart(in Invalidation invalidation)
    {
        run.Model.Require(Releases == 0, "a whole-space start after Released");
        StressRandom.Pause();
        StartRecord? record = StartRecord.Current;
        record?.WholeSpaceCalls.Add(this);
        if (!invalidation.IsBlockable && StressRandom.Chance(10))
        {
            record!.Refusals++;
            return false;
        }

        run.OperateInside();
        Interlocked.Increment(ref _open);
        if (invalidation.Owner is StressToken token)
            run.Model.Require(_openTokens.TryAdd(token, true), "a second whole-space start of one invalidation");
        if (!Throws || !StressRandom.Chance(20))
            return true;
        if (record is null)
            run.ExpectCallbackFailed(1);
        else
            record.Throws++;
        throw new InvalidOperationException("as asked for");
    }

    protected internal override void InvalidateEnd(in Invalidation invalidation)
    {
        run.Model.Require(Releases == 0, "a whole-space end after Released");
        StressRandom.Pause();
        if (invalidation.Owner is StressToken token)
            run.Model.Require(_openTokens.TryRemove(token, out _), "a whole-space end without its start");
        run.Model.Require(Interlocked.Decrement(ref _open) >= 0, "more whole-space ends than starts");
        if (!Throws || !StressRandom.Chance(20))
            return;
        run.ExpectCallbackFailed(1);
        throw new InvalidOperationException("as asked for");
    }

    protected override void Released()
    {
        run.Model.Require(Open == 0, "a whole-space notifier was released before its missing ends");
        run.Model.Require(Interlocked.Increment(ref _releases) == 1, "Released of a whole-space notifier came twice");
    }
}
