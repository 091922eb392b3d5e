namespace MmuNotifier.Tests.Linearisability;

/// <summary>A notifier is used once: puts a new one in the place of one that was removed.</summary>
internal sealed class RenewOperation(int notifier) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State is NotifierState.New or NotifierState.Inserted)
            return new Prediction("kept");
        model.Notifiers[notifier] = new ModelNotifier(notifier);
        return new Prediction("renewed");
    }

    public override string ToString() => $"renew {notifier}";

    protected override Observation Run(EngineSpace space)
    {
        EngineNotifier own = space.Notifiers[notifier];
        if (own.State is NotifierState.New or NotifierState.Inserted)
            return new Observation("kept");
        space.Replaced.Add(own);
        space.Notifiers[notifier] = new EngineNotifier(notifier);
        return new Observation("renewed");
    }
}
