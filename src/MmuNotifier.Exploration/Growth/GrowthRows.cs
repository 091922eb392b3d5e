namespace MmuNotifier.Growth;

/// <summary>
/// Each public operation of the engine, and those of the cache of values by name, by each thing that its cost could depend on.
/// </summary>
internal static partial class GrowthRows
{
    private const int Times = 64;

    public static IReadOnlyList<GrowthRow> All { get; } =
        [.. Invalidations(), .. Edits(), .. EditsInCallbacks(), .. Reads(), .. Waits(), .. Others(), .. Caching()];

    /// <summary>The same operation many times over.</summary>
    private static GrowthCase Repeat(Action operation, int times = Times) => new(
        () =>
        {
            for (int i = 0; i < times; i++)
                operation();
        },
        times);

    /// <summary>What is done by the callback of the first of n notifiers that one invalidation meets.</summary>
    private static GrowthCase InFirstCallback(GrowthSpace space, int operations, Action action)
    {
        bool isDone = false;
        GrowthNotifier first = space.Notifiers[0];
        return new GrowthCase(
            () =>
            {
                first.OnCall = _ =>
                {
                    if (!isDone)
                        action();
                    isDone = true;
                };
                space.Invalidate(AddressRange.Whole);
            },
            operations);
    }
}
