namespace MmuNotifier.Tests.Linearisability;

/// <summary>One edit of a batch.</summary>
internal sealed record BatchStep(BatchEditKind Kind, int Notifier, Belief Belief, AddressRange Range)
{
    public void AddTo(NotifierBatch batch, EngineSpace space)
    {
        EngineNotifier own = space.Notifiers[Notifier];
        Belief.Form(own);
        _ = Kind switch
        {
            BatchEditKind.Remove => batch.Remove(own, Belief.Range),
            BatchEditKind.Move => batch.Move(own, Belief.Range, Range),
            _ => batch.Insert(own, Range),
        };
    }

    /// <summary>Whether the step could be applied, and if not, why; null for misuse.</summary>
    public EditResult? Check(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[Notifier];
        bool isNew = own.State == NotifierState.New;
        if (isNew != (Kind == BatchEditKind.Insert))
            return null;
        if (isNew)
            return model.HasExited ? EditResult.Exited : EditResult.Applied;
        if (!own.IsInserted)
            return EditResult.Removed;
        return own.Range == Belief.Range ? EditResult.Applied : EditResult.RangeDiffers;
    }

    public void Apply(ModelSpace model)
    {
        ModelNotifier own = model.Notifiers[Notifier];
        switch (Kind)
        {
            case BatchEditKind.Remove:
                model.Remove(own);
                break;
            case BatchEditKind.Move:
                model.Move(own, Range);
                break;
            default:
                ModelSpace.Insert(own, Range);
                break;
        }
    }

    public override string ToString() => Kind switch
    {
        BatchEditKind.Remove => $"remove {Notifier} at {Belief}",
        BatchEditKind.Move => $"move {Notifier} from {Belief} to {Range}",
        _ => $"insert {Notifier} at {Range}",
    };
}
