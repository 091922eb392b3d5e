namespace MmuNotifier.Tests.Linearisability;

/// <summary>One edit of a batch.</summary>
internal sealed record BatchStep(BatchEditKind Kind, int Notifier, Belief Belief, AddressRange Range)
{
    public void AddTo(NotifierBatch batch, EngineSpace space, AddressRange believed)
    {
        EngineNotifier own = space.Notifiers[Notifier];
        _ = Kind switch
        {
            BatchEditKind.Remove => batch.Remove(own, believed),
            BatchEditKind.Move => batch.Move(own, believed, Range),
            _ => batch.Insert(own, Range),
        };
    }

    /// <summary>Whether the step could be applied, and if not, why; null for misuse.</summary>
    public EditResult? Check(ModelSpace model, AddressRange believed)
    {
        ModelNotifier own = model.Notifiers[Notifier];
        bool isNew = own.State == NotifierState.New;
        if (isNew != (Kind == BatchEditKind.Insert))
            return null;
        if (isNew)
            return model.HasExited ? EditResult.Exited : EditResult.Applied;
        if (!own.IsInserted)
            return EditResult.AlreadyRemoved;
        return own.Range == believed ? EditResult.Applied : EditResult.RangeDiffers;
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
