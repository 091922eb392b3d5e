namespace MmuNotifier.Tests.Linearisability;

/// <summary>Begins a read section over a part or the whole of a notifier, if that needs no wait.</summary>
/// <param name="notifier">The notifier to read through.</param>
/// <param name="part">The part, or null for the whole.</param>
/// <param name="slot">Where a retry check finds the section; null if none looks for it.</param>
internal sealed class BeginOperation(int notifier, AddressRange? part, int? slot) : Operation
{
    private ReadSection _section;

    public bool IsOpen => _section.Status == ReadStatus.Open;

    /// <summary>Whether the section retries when all operations are over.</summary>
    public bool FinallyRetries => _section.MustRetry;

    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State == NotifierState.New)
            return new Prediction(Prediction.Misuse);
        AddressRange range = part ?? own.Range;
        (ReadStatus status, ModelSection section) = model.Begin(own, part);
        if (slot is { } number)
            model.Sections[number] = section;
        return new Prediction(status.ToString()) { Part = range, Section = section };
    }

    /// <summary>
    /// Beside an edit of the notifier both the old and the new state are right: an edit of several notifiers is one step for starts and for
    /// who takes the engine lock, not for readers, who take none; their sections retry. A start closes its notifiers one by one.
    /// </summary>
    public override bool IsExplainedBy(HistoryEntry own, Beside beside)
    {
        bool editedMeanwhile = beside.HasEditOf(notifier);
        AddressRange read = own.Prediction.Part;
        if (IsOpen && !editedMeanwhile && beside.Invalidations.Any(active => active.Spans(this) && active.Range.Overlaps(read)))
            return false;
        return base.IsExplainedBy(own, beside)
            || editedMeanwhile
            || (Observed!.Result == nameof(ReadStatus.Invalidating) && beside.HasStartOn(notifier));
    }

    /// <summary>
    /// Whether the section retries at the end as it must. A start on its way may make it retry needlessly; never the reverse.
    /// </summary>
    public bool IsFinallyExplainedBy(HistoryEntry own, Beside beside) =>
        !IsOpen
        || own.Prediction.Section is not { } section
        || section.Allows(FinallyRetries)
        || (FinallyRetries && beside.HasStartOn(notifier));

    public override string ToString() => $"begin {part?.ToString() ?? "all"} of {notifier} as {slot}";

    protected override Observation Run(EngineSpace space)
    {
        _section = default;
        EngineNotifier own = space.Notifiers[notifier];
        _section = part is { } range ? own.ReadBeginNoWait(range) : own.ReadBeginNoWait();
        if (slot is { } number)
            space.Sections[number] = _section;
        return new Observation(_section.Status.ToString());
    }
}
