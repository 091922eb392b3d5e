namespace MmuNotifier.Growth;

/// <content>Finds and whole-space notifiers.</content>
internal static partial class GrowthRows
{
    private static IEnumerable<GrowthRow> Others() =>
    [
        new("find, each step", "notifiers", 0, n => Find(new GrowthSpace().WithNotifiers(n))),
        new("find, each step", "equal starts", 0, n => Find(new GrowthSpace().WithEqualStarts(n))),
        new("find that removes each second one, each step", "equal starts", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithEqualStarts(n);
            return new GrowthCase(
                () =>
                {
                    bool removes = false;
                    foreach (FoundNotifier found in space.Space.Find(AddressRange.Whole))
                    {
                        if (removes)
                            found.RemoveDeferred();
                        removes = !removes;
                    }
                },
                n);
        }),
        new("registration of a whole-space notifier, each pair", "active invalidations", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(n);
            return new GrowthCase(() => space.Space.Insert(new GrowthWholeSpaceNotifier()), n);
        }),
        new("ends of pairs, each", "active invalidations", 0, n =>
        {
            var space = new GrowthSpace();
            space.Space.Insert(new GrowthWholeSpaceNotifier());
            space.WithActive(n);
            return new GrowthCase(space.EndAll, n);
        }),
        new("start and end, each pair", "whole-space notifiers", 0, n =>
        {
            var space = new GrowthSpace();
            for (int i = 0; i < n; i++)
                space.Space.Insert(new GrowthWholeSpaceNotifier());
            return new GrowthCase(() => space.Invalidate(GrowthSpace.Far), n);
        }),
        new("the age of pages, each call", "whole-space notifiers", 0, n =>
        {
            var space = new GrowthSpace();
            for (int i = 0; i < n; i++)
                space.Space.Insert(new GrowthWholeSpaceNotifier());
            return new GrowthCase(() => space.Space.ClearYoung(GrowthSpace.Far), n);
        }),
        new("removal of a whole-space notifier, each", "whole-space notifiers", 0, n =>
        {
            var space = new GrowthSpace();
            List<GrowthWholeSpaceNotifier> notifiers = [];
            for (int i = 0; i < n; i++)
            {
                notifiers.Add(new GrowthWholeSpaceNotifier());
                space.Space.Insert(notifiers[i]);
            }

            return new GrowthCase(
                () =>
                {
                    for (int i = n - 1; i >= 0; i--)
                        notifiers[i].RemoveDeferred();
                },
                n);
        }),
    ];

    private static GrowthCase Find(GrowthSpace space) => new(
        () =>
        {
            int found = 0;
            foreach (FoundNotifier _ in space.Space.Find(AddressRange.Whole))
                found++;
            if (found != space.Notifiers.Count)
                throw new InvalidOperationException("A find has lost notifiers.");
        },
        space.Notifiers.Count);
}
