namespace MmuNotifier.Tests.Linearisability;

/// <summary>Asks for the range of a notifier, which it keeps when it is removed.</summary>
internal sealed class RangeOperation(int notifier) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        return new Prediction(own.State == NotifierState.New ? Prediction.Misuse : own.Range.ToString());
    }

    public override string ToString() => $"range of {notifier}";

    protected override Observation Run(EngineSpace space) => new(space.Notifiers[notifier].Range.ToString());
}
