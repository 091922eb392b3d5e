namespace MmuNotifier.Tests.Linearisability;

/// <summary>Starts an invalidation that stays active until an operation ends it, or starts another one of this number.</summary>
internal sealed class StartOperation(int number, AddressRange range) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        model.Active[number] = range;
        return new Prediction("started") { Calls = model.Start(range) };
    }

    public override string ToString() => $"start {number} over {range}";

    protected override Observation Run(EngineSpace space)
    {
        if (space.Active.TryGetValue(number, out InvalidationScope former))
            former.Dispose();
        List<Call> calls = EngineNotifier.CallsOf(() =>
            space.Active[number] = space.Space.StartInvalidation(range, InvalidationEvent.Clear));
        return new Observation("started", calls);
    }
}
