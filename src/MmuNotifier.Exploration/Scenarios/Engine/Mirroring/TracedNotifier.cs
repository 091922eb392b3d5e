namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>
/// Its calls take no lock, but write to a word of the model, relaxed: a thread that needs to know that they are over (one that removes it
/// and then frees what they used) must see what they wrote. May work in two steps.
/// </summary>
internal sealed class TracedNotifier(ScenarioDevice device, bool hasSecondStep) : ScenarioNotifier(device), ISecondStep
{
    private AtomicInt64 _trace;
    private long _writes;
    private int _secondStepsDue;

    /// <summary>Second steps that ran.</summary>
    public int SecondSteps { get; private set; }

    public bool HasSecondStepDue => _secondStepsDue > 0;

    public static TracedNotifier Inserted(ScenarioDevice device, ulong first, ulong last, bool hasSecondStep)
    {
        var notifier = new TracedNotifier(device, hasSecondStep);
        device.Space.Insert(notifier, ScenarioDevice.Range(first, last));
        return notifier;
    }

    /// <summary>Removes and requires that all calls are over, for this thread's eyes too.</summary>
    public void RemoveAndFree()
    {
        Remove();
        RequireQuiet();
        Explore.Assert(!HasSecondStepDue, "a second step is due although Remove has returned");
        Explore.Assert(_trace.ReadRelaxed() == _writes, "the remover does not see what the last call wrote");
    }

    public void Finish(in Invalidation invalidation)
    {
        Explore.Assert(!IsQuiet, "a second step runs although Remove had returned");
        Write();
        _secondStepsDue--;
        SecondSteps++;
    }

    protected override InvalidateResult Work(in Invalidation invalidation)
    {
        Write();
        if (!hasSecondStep)
            return InvalidateResult.Done;
        _secondStepsDue++;
        return InvalidateResult.FinishWith(this);
    }

    private void Write()
    {
        _trace.WriteRelaxed(_writes + 1);
        _writes++;
    }
}
