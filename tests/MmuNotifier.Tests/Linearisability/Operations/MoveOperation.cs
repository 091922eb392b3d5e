namespace MmuNotifier.Tests.Linearisability;

/// <summary>A move, conditional if there is a belief.</summary>
internal sealed class MoveOperation(int notifier, Belief? belief, AddressRange range) : Operation
{
    private AddressRange _believed;

    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State == NotifierState.New)
            return new Prediction(Prediction.Misuse);
        if (!own.IsInserted)
            return new Prediction(nameof(EditResult.AlreadyRemoved));
        if (belief is not null && own.Range != _believed)
            return new Prediction(nameof(EditResult.RangeDiffers));
        model.Move(own, range);
        return new Prediction(nameof(EditResult.Applied)) { Edited = [notifier] };
    }

    public override string ToString() => $"move {notifier} from {belief?.ToString() ?? "anywhere"} to {range}";

    protected override Observation Run(EngineSpace space)
    {
        EngineNotifier own = space.Notifiers[notifier];
        if (belief is null)
            return new Observation(own.Move(range).ToString());
        _believed = belief.Of(own);
        return new Observation(own.Move(_believed, range).ToString());
    }
}
