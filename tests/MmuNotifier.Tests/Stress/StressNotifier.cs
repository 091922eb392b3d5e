namespace MmuNotifier.Tests.Stress;

/// <summary>A notifier that checks what the contract says of its callbacks, and makes random edits from inside of them.</summary>
internal sealed class StressNotifier(StressRun run, StressDevice device, bool isStable, object? owner = null) : IntervalNotifier(owner), ISecondStep
{
    private int _running;
    private int _releases;
    private volatile bool _removeReturned;

    public StressDevice Device => device;

    /// <summary>Never edited, so that it is known when it must be called.</summary>
    public bool IsStable => isStable;

    public int Releases => Volatile.Read(ref _releases);

    public bool Throws { get; init; }

    public void NoteRemoveReturned()
    {
        _removeReturned = true;
        run.Model.Require(Volatile.Read(ref _running) == 0, "a callback was running when Remove returned");
    }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Enter();
        StartRecord.Note(this, invalidation);
        run.Model.Require(invalidation.Sequence <= Sequence, "the sequence was bumped after the callback began");
        StressRun.Pause();
        lock (device.Lock)
        {
            device.Forget(this, invalidation.Overlap);
            if (!isStable)
                run.EditInside(this, invalidation);
        }

        bool secondStep = StressRun.Chance(5);
        bool wouldBlock = !secondStep && !invalidation.IsBlockable && StressRun.Chance(10);
        bool throws = !secondStep && Throws && StressRun.Chance(20);
        if (!isStable && StressRun.Chance(3) && StressRun.Depth < 2)
            run.Invalidate();
        if (!secondStep)
            Leave();
        if (throws)
            throw new InvalidOperationException("as asked for");
        return secondStep ? InvalidateResult.ContinueWith(this) : wouldBlock ? InvalidateResult.WouldBlock : InvalidateResult.Done;
    }

    public void Finish(in Invalidation invalidation)
    {
        StressRun.Pause();
        Leave();
    }

    protected override void Released()
    {
        run.Model.Require(Volatile.Read(ref _running) == 0, "Released came while a callback was running");
        run.Model.Require(Interlocked.Increment(ref _releases) == 1, "Released came twice");
    }

    private void Enter()
    {
        Interlocked.Increment(ref _running);
        run.Model.Require(!_removeReturned, "a callback ran after Remove had returned");
        run.Model.Require(Releases == 0, "a callback ran after Released");
    }

    private void Leave()
    {
        run.Model.Require(!_removeReturned, "Remove returned before a callback had left");
        run.Model.Require(Releases == 0, "Released came before a callback had left");
        Interlocked.Decrement(ref _running);
    }
}
