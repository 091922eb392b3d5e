namespace MmuNotifier.Tests.Linearisability;

internal sealed class RemoveDeferredOperation(int notifier) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State == NotifierState.New)
            return new Prediction(Prediction.Misuse);
        if (!own.IsInserted)
            return new Prediction("False");
        model.Remove(own);
        return new Prediction("True") { Edited = [notifier], Removed = [notifier] };
    }

    public override string ToString() => $"remove {notifier}, deferred";

    protected override Observation Run(EngineSpace space) => new(space.Notifiers[notifier].RemoveDeferred().ToString());
}
