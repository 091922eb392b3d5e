namespace MmuNotifier.Tests.Linearisability;

/// <summary>
/// Start and end. It takes effect where it is fixed who is called; its sections are closed from its start to its end, which is not one
/// moment, so that this is looked at apart: here by the thread itself, and by <see cref="BeginOperation"/> by the clock.
/// </summary>
internal sealed class InvalidateOperation(AddressRange range, int pause = 0) : Operation
{
    private long _started;
    private long _ending;

    public AddressRange Range => range;

    public override Prediction Predict(ModelSpace model) => new("closed") { Calls = model.Start(range) };

    /// <summary>Whether the invalidation was active all the time that another operation took.</summary>
    public bool Spans(Operation other) => _started < other.Began && other.Ended < _ending;

    /// <summary>
    /// The calls are those that the model predicts, with one exception (docs/contract.md, item 1): a removal beside it calls off what is
    /// due, and a notifier that takes over bytes from a call that has not returned inherits the call.
    /// </summary>
    public override bool IsExplainedBy(HistoryEntry own, Beside beside)
    {
        IEnumerable<Call> ordered = Observed!.Calls.Where(call => !call.IsInherited);
        return own.Prediction.Results.Contains(Observed.Result)
            && own.Prediction.AreInOrder(ordered)
            && own.Prediction.Calls.Select(call => call.Call).Except(ordered).All(missing => IsCalledOff(missing, beside))
            && Observed.Calls.Where(call => call.IsInherited).All(call => IsInherited(call, beside));
    }

    public override string ToString() => $"invalidate {range}";

    protected override Observation Run(EngineSpace space)
    {
        InvalidationScope scope = default;
        List<Call> calls = EngineNotifier.CallsOf(() => scope = space.Space.StartInvalidation(range, InvalidationEvent.Unmap));
        _started = Now;
        Thread.SpinWait(pause);
        bool isClosed = calls.All(call => IsClosed(space.Notifiers[call.Notifier]));
        _ending = Now;
        scope.Dispose();
        return new Observation(isClosed ? "closed" : "a section began during the invalidation", calls);
    }

    private bool IsClosed(EngineNotifier notifier)
    {
        ReadSection section = notifier.ReadBeginNoWait();

        // If the range was another one when the section began, it retries for the edit.
        return section.Status != ReadStatus.Open || !notifier.Range.Overlaps(range) || section.MustRetry;
    }

    /// <summary>
    /// Every byte that the remover of the notifier puts others over is called for through them, unless they are removed too.
    /// </summary>
    private bool IsCalledOff(Call missing, Beside beside) => beside.Entries
        .Where(entry => entry.Removes(missing.Notifier))
        .Any(remover => remover.Prediction.Heirs
            .Where(heir => heir.Range.Overlaps(missing.Range) && !beside.Entries.Any(entry => entry.Removes(heir.Notifier)))
            .All(heir => Covers(heir.Notifier, heir.Range.Intersect(missing.Range))));

    private bool Covers(int notifier, AddressRange wanted)
    {
        ulong next = wanted.Start;
        foreach (Call call in Observed!.Calls.Where(call => call.Notifier == notifier).OrderBy(call => call.Range.Start))
        {
            if (call.Range.Start > next || call.Range.Last < next)
                continue;
            if (call.Range.Last >= wanted.Last)
                return true;
            next = call.Range.Last + 1;
        }

        return false;
    }

    private bool IsInherited(Call call, Beside beside) =>
        range.Contains(call.Range) && beside.Entries.Any(entry => entry.Prediction.Heirs.Any(heir => heir.Notifier == call.Notifier));
}
