namespace MmuNotifier.Tests.Linearisability;

/// <summary>Finds all notifiers that meet a range.</summary>
internal sealed class FindOperation(AddressRange range) : Operation
{
    public override Prediction Predict(ModelSpace model) => new("found")
    {
        Calls = [.. model.Meeting(range).Select(notifier => (new Call(notifier.Id, notifier.Range), notifier.Range.Start))],
    };

    public override string ToString() => $"find in {range}";

    protected override Observation Run(EngineSpace space) => new("found", space.Find(range));
}
