namespace MmuNotifier.Tests.Linearisability;

/// <summary>Asks a section that was begun before whether it must retry.</summary>
internal sealed class RetryOperation(int slot) : Operation
{
    private static readonly bool[] s_answers = [false, true];

    public override Prediction Predict(ModelSpace model)
    {
        if (!model.Sections.TryGetValue(slot, out ModelSection? section))
            return new Prediction("True");
        return new Prediction([.. s_answers.Where(section.Allows).Select(answer => answer.ToString())]) { Section = section };
    }

    /// <summary>
    /// Beside a start or an edit that meets the notifier both answers are right: it bumps the sequence near the moment at which it takes
    /// effect for others, not in it. Where a "no" matters the driver lock is held, and then the callback is still to come.
    /// </summary>
    public override bool IsExplainedBy(HistoryEntry own, Beside beside) =>
        base.IsExplainedBy(own, beside)
        || (own.Prediction.Section is { } section && (beside.HasEditOf(section.Notifier.Id) || beside.HasStartOn(section.Notifier.Id)));

    public override string ToString() => $"retry {slot}";

    protected override Observation Run(EngineSpace space) =>
        new((!space.Sections.TryGetValue(slot, out ReadSection section) || section.MustRetry).ToString());
}
