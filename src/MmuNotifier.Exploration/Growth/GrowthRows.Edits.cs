namespace MmuNotifier.Growth;

/// <content>Edits outside of callbacks.</content>
internal static partial class GrowthRows
{
    private const string InsertAndRemove = "insert and remove";
    private const string Move = "move";

    private static IEnumerable<GrowthRow> Edits() =>
    [
        new(InsertAndRemove, "notifiers", 0, n => Edit(new GrowthSpace().WithNotifiers(n))),
        new(InsertAndRemove, "equal starts", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithEqualStarts(n);
            return Repeat(() => space.InsertAndRemove(GrowthSpace.At(0)));
        }),
        new(InsertAndRemove, "active invalidations", 1, n => Edit(new GrowthSpace().WithActive(n))),
        new(InsertAndRemove, "past active invalidations", 0, n => Edit(AfterPeak(n))),
        new("remove, each", "equal starts", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithEqualStarts(n);
            return new GrowthCase(
                () =>
                {
                    foreach (GrowthNotifier notifier in space.Notifiers)
                        notifier.RemoveDeferred();
                },
                n);
        }),
        new(Move, "notifiers", 0, n => MoveOne(new GrowthSpace().WithNotifiers(n))),
        new(Move, "active invalidations", 1, n => MoveOne(new GrowthSpace().WithActive(n))),
        new(Move, "past active invalidations", 0, n => MoveOne(AfterPeak(n))),
        new("batch, filled and applied, each edit", "edits", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n);
            return new GrowthCase(
                () => Require(space.Space.Apply(Rotation(space))),
                n);
        }),
        new("batch of two edits", "edits that the batch had before", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n);
            NotifierBatch batch = Rotation(space);
            batch.Clear();
            return Repeat(() =>
            {
                batch.Clear();
                batch
                    .Move(space.Notifiers[0], GrowthSpace.At(0), GrowthSpace.At(0))
                    .Move(space.Notifiers[1], GrowthSpace.At(1), GrowthSpace.At(1));
                Require(space.Space.Apply(batch));
            });
        }),
    ];

    private static GrowthCase Edit(GrowthSpace space) => Repeat(() => space.InsertAndRemove(GrowthSpace.Far));

    private static GrowthCase MoveOne(GrowthSpace space)
    {
        GrowthNotifier moved = space.Add(GrowthSpace.Far);
        AddressRange other = GrowthSpace.At(-1);
        return Repeat(() =>
        {
            moved.Move(other);
            moved.Move(GrowthSpace.Far);
        });
    }

    /// <summary>Each notifier goes to where the next one is.</summary>
    private static NotifierBatch Rotation(GrowthSpace space)
    {
        var batch = new NotifierBatch();
        int count = space.Notifiers.Count;
        for (int i = 0; i < count; i++)
            batch.Move(space.Notifiers[i], GrowthSpace.At(i), GrowthSpace.At((i + 1) % count));
        return batch;
    }

    private static void Require(EditResult result)
    {
        if (result != EditResult.Applied)
            throw new InvalidOperationException($"The edit was not applied: {result}.");
    }
}
