namespace MmuNotifier.Tests.Linearisability;

/// <summary>Ends an invalidation, perhaps for the second time.</summary>
internal sealed class EndOperation(int number) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        model.Active.Remove(number);
        return new Prediction("ended");
    }

    public override string ToString() => $"end {number}";

    protected override Observation Run(EngineSpace space)
    {
        // The entry stays: a dictionary that is only read may be read by operations that run in parallel.
        if (space.Active.TryGetValue(number, out InvalidationScope scope))
            scope.Dispose();
        return new Observation("ended");
    }
}
