namespace MmuNotifier.Tests.Linearisability;

/// <summary>A batch: a hole, a split, a merge, or whatever else was drawn.</summary>
internal sealed class BatchOperation(IReadOnlyList<BatchStep> steps) : Operation
{
    private AddressRange[] _believed = [];

    public override Prediction Predict(ModelSpace model)
    {
        List<EditResult?> results = [.. steps.Select((step, i) => step.Check(model, _believed[i]))];
        if (results.Contains(null))
            return new Prediction(Prediction.Misuse);
        EditResult result = results.FirstOrDefault(own => own != EditResult.Applied) ?? EditResult.Applied;
        if (result != EditResult.Applied)
            return new Prediction(result.ToString());
        foreach (BatchStep step in steps)
            step.Apply(model);
        return new Prediction(nameof(EditResult.Applied))
        {
            Edited = [.. steps.Select(step => step.Notifier)],
            Removed = [.. steps.Where(step => step.Kind == BatchEditKind.Remove).Select(step => step.Notifier)],
            Heirs = [.. steps.Where(step => step.Kind != BatchEditKind.Remove).Select(step => new Call(step.Notifier, step.Range))],
        };
    }

    public override string ToString() => $"batch ({string.Join(", ", steps)})";

    protected override Observation Run(EngineSpace space)
    {
        var batch = new NotifierBatch();
        _believed = [.. steps.Select(step => step.Belief.Of(space.Notifiers[step.Notifier]))];
        for (int i = 0; i < steps.Count; i++)
            steps[i].AddTo(batch, space, _believed[i]);
        return new Observation(space.Space.Apply(batch).ToString());
    }
}
