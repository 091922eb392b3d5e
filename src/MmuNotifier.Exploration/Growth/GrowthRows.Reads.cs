namespace MmuNotifier.Growth;

/// <content>Read sections that do not wait.</content>
internal static partial class GrowthRows
{
    private const string ReadAfterStart = "read section after a start";

    private static IEnumerable<GrowthRow> Reads() =>
    [
        new("read section", "notifiers", 0, n => Read(new GrowthSpace().WithNotifiers(n))),
        new("read section", "active invalidations", 0, n => Read(new GrowthSpace().WithActive(n))),
        new(ReadAfterStart, "notifiers", 0, n => StartAndRead(new GrowthSpace().WithNotifiers(n))),
        new(ReadAfterStart, "active invalidations", 1, n => StartAndRead(new GrowthSpace().WithActive(n))),
        new(ReadAfterStart, "past active invalidations", 0, n => StartAndRead(AfterPeak(n))),
        new("check of a section over a part", "invalidations since it began", 0, n =>
        {
            var space = new GrowthSpace();
            GrowthNotifier notifier = space.Add(new AddressRange(0, (1UL << 40) - 1));
            ReadSection section = notifier.ReadBegin(GrowthSpace.At(0));
            for (int i = 1; i <= n; i++)
                space.Invalidate(GrowthSpace.At(i));
            return Repeat(() => _ = section.MustRetry);
        }),
    ];

    private static GrowthCase Read(GrowthSpace space)
    {
        GrowthNotifier notifier = space.Add(GrowthSpace.Far);
        notifier.ReadBegin();
        return Repeat(() => _ = notifier.ReadBegin().MustRetry);
    }

    private static GrowthCase StartAndRead(GrowthSpace space)
    {
        GrowthNotifier notifier = space.Add(GrowthSpace.Far);
        return Repeat(() =>
        {
            space.Invalidate(GrowthSpace.Far);
            _ = notifier.ReadBegin().MustRetry;
        });
    }
}
