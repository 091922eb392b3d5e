namespace MmuNotifier.Tests.Linearisability;

internal sealed class CutOperation(int notifier, AddressRange hole, int right) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[notifier];
        if (own.State == NotifierState.New)
            return new Prediction(Prediction.Misuse);
        if (!own.IsInserted)
            return new Prediction(nameof(CutResult.AlreadyRemoved));
        if (!own.Range.Overlaps(hole))
            return new Prediction(nameof(CutResult.Untouched));
        AddressRange? left = own.Range.Start < hole.Start ? new AddressRange(own.Range.Start, hole.Start - 1) : null;
        AddressRange? rest = hole.Last < own.Range.Last ? new AddressRange(hole.Last + 1, own.Range.Last) : null;
        return (left, rest) switch
        {
            ({ } kept, null) => Keep(model, own, kept, CutResult.KeptLeft),
            (null, { } kept) => Keep(model, own, kept, CutResult.KeptRight),
            ({ } kept, { } other) => Split(model, own, kept, other),
            _ => Remove(model, own),
        };
    }

    public override string ToString() => $"cut {hole} out of {notifier}, right piece {right}";

    protected override Observation Run(EngineSpace space) =>
        new(space.Notifiers[notifier].Cut(hole, () => space.Notifiers[right]).ToString());

    private Prediction Remove(ModelSpace model, ModelNotifier own)
    {
        model.Remove(own);
        return new Prediction(nameof(CutResult.Removed)) { Edited = [notifier], Removed = [notifier] };
    }

    private Prediction Keep(ModelSpace model, ModelNotifier own, AddressRange kept, CutResult result)
    {
        model.Move(own, kept);
        return new Prediction(result.ToString()) { Edited = [notifier] };
    }

    private Prediction Split(ModelSpace model, ModelNotifier own, AddressRange left, AddressRange rest)
    {
        if (model.HasExited)
            return new Prediction(nameof(CutResult.Exited));
        ModelNotifier other = model.Notifiers[right];
        if (other.State != NotifierState.New)
            return new Prediction(Prediction.Misuse);
        model.Move(own, left);
        ModelSpace.Insert(other, rest);
        return new Prediction(nameof(CutResult.Split)) { Edited = [notifier, right], Heirs = [new Call(right, rest)] };
    }
}
