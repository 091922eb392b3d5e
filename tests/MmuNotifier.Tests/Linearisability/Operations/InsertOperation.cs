namespace MmuNotifier.Tests.Linearisability;

internal sealed class InsertOperation(int notifier, AddressRange range) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State != NotifierState.New)
            return new Prediction(Prediction.Misuse);
        if (model.HasExited)
            return new Prediction("False");
        ModelSpace.Insert(own, range);
        return new Prediction("True") { Edited = [notifier] };
    }

    public override string ToString() => $"insert {notifier} at {range}";

    protected override Observation Run(EngineSpace space) => new(space.Space.TryInsert(space.Notifiers[notifier], range).ToString());
}
