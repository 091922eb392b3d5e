namespace MmuNotifier.Tests.Linearisability;

/// <summary>A removal that waits; no call may run when it returns.</summary>
internal sealed class RemoveOperation(int notifier) : Operation
{
    private const string Done = "quiet";

    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State == NotifierState.New)
            return new Prediction(Prediction.Misuse);
        if (!own.IsInserted)
            return new Prediction(Done);
        model.Remove(own);
        return new Prediction(Done) { Edited = [notifier], Removed = [notifier] };
    }

    public override string ToString() => $"remove {notifier}";

    protected override Observation Run(EngineSpace space)
    {
        EngineNotifier own = space.Notifiers[notifier];
        own.Remove();
        return new Observation(own.IsRunning ? "a call runs after the removal" : Done);
    }
}
