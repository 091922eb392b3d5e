namespace MmuNotifier.Tests.Stress;

/// <summary>A notifier that checks what the contract says of its callbacks, and makes random edits from inside of them.</summary>
internal sealed class StressNotifier(StressRun run, StressDevice device, object? owner = null) : IntervalNotifier(owner), ISecondStep
{
    private int _running;
    private int _releases;
    private int _edits;
    private int _exitCalls;
    private volatile bool _removeReturned;

    public StressDevice Device => device;

    /// <summary>Edits begun; counted up under the device's lock before each.</summary>
    public int Edits => Volatile.Read(ref _edits);

    public int Releases => Volatile.Read(ref _releases);

    /// <summary>Calls for the exit of the space, without inherited ones.</summary>
    public int ExitCalls => Volatile.Read(ref _exitCalls);

    public bool Throws { get; init; }

    public void NoteEdit() => Volatile.Write(ref _edits, _edits + 1);

    public void NoteRemoveReturned()
    {
        _removeReturned = true;
        run.Model.Require(Volatile.Read(ref _running) == 0, "a callback was running when Remove returned");
    }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Enter();
        StartRecord record = StartRecord.Current!;
        record.Calls.Add((this, invalidation.Overlap, invalidation.IsInherited));
        if (invalidation.Event == InvalidationEvent.Release && !invalidation.IsInherited)
            Interlocked.Increment(ref _exitCalls);
        StressRandom.Pause();
        bool secondStep = StressRandom.Chance(10);
        if (!secondStep || StressRandom.Chance(50))
        {
            using (device.Lock.Hold())
            {
                device.Forget(invalidation.Overlap);
                run.EditInside(this, invalidation);
            }
        }

        run.OperateInside();
        if (secondStep)
            return InvalidateResult.FinishWith(this);
        Leave();
        ThrowSometimes(record);
        if (invalidation.IsBlockable || !StressRandom.Chance(10))
            return InvalidateResult.Done;
        record.Refusals++;
        return InvalidateResult.WouldBlock;
    }

    /// <summary>
    /// Forgets all in the overlap, also what a batch handed on since the first step: that has returned, so nobody inherits it.
    /// </summary>
    public void Finish(in Invalidation invalidation)
    {
        StressRandom.Pause();
        using (device.Lock.Hold())
            device.Forget(invalidation.Overlap);
        Leave();
        ThrowSometimes(StartRecord.Current!);
    }

    protected override void Released()
    {
        run.Model.Require(Volatile.Read(ref _running) == 0, "Released came while a callback was running");
        run.Model.Require(Interlocked.Increment(ref _releases) == 1, "Released came twice");
        if (!Throws)
            return;
        run.ExpectCallbackFailed(1);
        throw new InvalidOperationException("as asked for");
    }

    private void ThrowSometimes(StartRecord record)
    {
        if (!Throws || !StressRandom.Chance(20))
            return;
        record.Throws++;
        record.Failed.Add(this);
        throw new InvalidOperationException("as asked for");
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
