namespace MmuNotifier.Growth;

/// <content>Starts and ends.</content>
internal static partial class GrowthRows
{
    private const string StartAndEnd = "start and end";

    private static IEnumerable<GrowthRow> Invalidations() =>
    [
        new(StartAndEnd + " that hit nobody", "notifiers", 0, n => Start(new GrowthSpace().WithNotifiers(n), GrowthSpace.Far)),
        new(StartAndEnd + " that hit one", "notifiers", 0, n => Start(new GrowthSpace().WithNotifiers(n), GrowthSpace.At(n / 2))),
        new(StartAndEnd + " that hit all", "notifiers", 1, n => Start(new GrowthSpace().WithNotifiers(n), AddressRange.Whole)),
        new(StartAndEnd + " that hit nobody", "overlaps", 0, n => Start(new GrowthSpace().WithEqualStarts(n), GrowthSpace.Far)),
        new(StartAndEnd, "active invalidations", 0, n => Start(new GrowthSpace().WithActive(n), GrowthSpace.Far)),
        new(StartAndEnd + ", one in the other", "active invalidations", 0, n => StartNested(new GrowthSpace().WithActive(n))),
        new(StartAndEnd, "past active invalidations", 0, n => Start(AfterPeak(n), GrowthSpace.Far)),
        new(StartAndEnd + " of each", "invalidations active at once", 0, n => new GrowthCase(
            () =>
            {
                var space = new GrowthSpace();
                for (int round = 0; round < 3; round++)
                {
                    space.WithActive(n);
                    space.EndAll();
                }
            },
            3 * n)),
        new("second steps, each", "hits", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n, hasSecondStep: true);

            // Not the first: that one takes the room of the second steps from the operating system, page by page.
            space.Invalidate(AddressRange.Whole);
            return new GrowthCase(() => space.Invalidate(AddressRange.Whole), n);
        }),
        new("exit, each notifier", "notifiers that remove themselves in two steps", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n, static notifier => notifier.RemoveDeferred(), hasSecondStep: true);
            return new GrowthCase(() => space.Space.Exit(), n);
        }),
    ];

    private static GrowthCase Start(GrowthSpace space, AddressRange range) => Repeat(() => space.Invalidate(range));

    private static GrowthCase StartNested(GrowthSpace space) => Repeat(() =>
    {
        using (space.Space.StartInvalidation(GrowthSpace.Far, InvalidationEvent.Clear))
            space.Invalidate(GrowthSpace.Far);
    });

    /// <summary>n invalidations were active at once, and have ended.</summary>
    private static GrowthSpace AfterPeak(int count)
    {
        GrowthSpace space = new GrowthSpace().WithActive(count);
        space.EndAll();
        return space;
    }
}
