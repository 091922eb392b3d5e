namespace MmuNotifier.Growth;

/// <content>Edits inside callbacks.</content>
internal static partial class GrowthRows
{
    private const string InCallback = " in a callback";
    private const string HitsOfWalk = "hits of the walk";

    private static IEnumerable<GrowthRow> EditsInCallbacks() =>
    [
        new(InsertAndRemove + InCallback, HitsOfWalk, 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n);
            return InFirstCallback(space, n, () =>
            {
                for (int i = 0; i < n; i++)
                    space.InsertAndRemove(GrowthSpace.Far);
            });
        }),
        new("move and remove themselves" + InCallback + ", each",
            HitsOfWalk, 0, n => InEachCallback(n, hasSecondStep: false, static notifier =>
        {
            notifier.Move(GrowthSpace.Far);
            notifier.RemoveDeferred();
        })),
        new("remove themselves" + InCallback + ", each", HitsOfWalk, 0, n => InEachCallback(n, hasSecondStep: false, RemoveItself)),
        new("remove themselves before their second step, each", HitsOfWalk, 0, n => InEachCallback(n, hasSecondStep: true, RemoveItself)),
        new("move and remove themselves before their second step, each",
            HitsOfWalk, 0, n => InEachCallback(n, hasSecondStep: true, static notifier =>
        {
            notifier.Move(GrowthSpace.Far);
            notifier.RemoveDeferred();
        })),
        new("cut themselves" + InCallback + ", each", HitsOfWalk, 0, n => InEachCallback(n, hasSecondStep: true, static notifier =>
        {
            AddressRange range = notifier.Range;
            notifier.Cut(new AddressRange(range.Start, range.Start + 99), () => new GrowthNotifier());
            notifier.Cut(new AddressRange(range.Start + 200, range.Start + 299), () => new GrowthNotifier());
        })),
        new("remove all in the last callback, each", "second steps that are due", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n, hasSecondStep: true);
            space.Notifiers[^1].OnCall = _ => RemoveAll(space);
            return new GrowthCase(() => space.Invalidate(AddressRange.Whole), n);
        }),
        new("remove all in the first second step, each", "second steps that are due", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n, hasSecondStep: true);
            space.Notifiers[0].OnSecondStep = _ => RemoveAll(space);
            return new GrowthCase(() => space.Invalidate(AddressRange.Whole), n);
        }),
        new("remove all" + InCallback + ", each", "equal starts", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithEqualStarts(n);
            return InFirstCallback(space, n, () => RemoveAll(space));
        }),
        new("batch of moves" + InCallback + ", each", "edits and hits", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n);
            return InFirstCallback(space, n, () => Require(space.Space.Apply(Rotation(space))));
        }),
        new("batch of replacements" + InCallback + ", each", "edits and hits of the same range", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithEqualStarts(n);
            return InFirstCallback(space, n, () =>
            {
                var batch = new NotifierBatch();
                foreach (GrowthNotifier notifier in space.Notifiers)
                    batch.Remove(notifier, GrowthSpace.At(0)).Insert(new GrowthNotifier(), GrowthSpace.At(0));
                Require(space.Space.Apply(batch));
            });
        }),
    ];

    private static GrowthCase InEachCallback(int count, bool hasSecondStep, Action<GrowthNotifier> action)
    {
        GrowthSpace space = new GrowthSpace().WithNotifiers(count, action, hasSecondStep);
        return new GrowthCase(() => space.Invalidate(new AddressRange(0, GrowthSpace.At(count).Last)), count);
    }

    private static void RemoveItself(GrowthNotifier notifier) => notifier.RemoveDeferred();

    private static void RemoveAll(GrowthSpace space)
    {
        foreach (GrowthNotifier notifier in space.Notifiers)
            notifier.RemoveDeferred();
    }
}
