namespace MmuNotifier.Tests.Linearisability;

/// <summary>A batch: a hole, a split, a merge, or whatever else was drawn.</summary>
internal sealed class BatchOperation(IReadOnlyList<BatchStep> steps) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        List<EditResult?> results = [.. steps.Select(step => step.Check(model))];
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
        foreach (BatchStep step in steps)
            step.AddTo(batch, space);
        return new Observation(space.Space.Apply(batch).ToString());
    }
}
