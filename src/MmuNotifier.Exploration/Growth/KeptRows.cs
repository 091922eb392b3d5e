using MmuNotifier.Caching;

namespace MmuNotifier.Growth;

/// <summary>Memory is proportional to what is alive.</summary>
internal static class KeptRows
{
    private const int RoundsAfterPeak = 1000;

    public static IReadOnlyList<KeptRow> All { get; } =
    [
        new("space", "notifiers", 1, n => new GrowthSpace().WithNotifiers(n)),
        new("space", "notifiers that were removed", 0, n =>
        {
            var space = new AddressSpace();
            List<GrowthNotifier> notifiers = [];
            for (int i = 0; i < n; i++)
            {
                notifiers.Add(new GrowthNotifier());
                space.Insert(notifiers[i], GrowthSpace.At(i));
            }

            foreach (GrowthNotifier notifier in notifiers)
                notifier.RemoveDeferred();
            return space;
        }),
        new("space", "active invalidations", 1, n => new GrowthSpace().WithActive(n)),
        new("space", "past active invalidations", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(n);
            space.EndAll();
            return space.Space;
        }),
        new("space with 100 active invalidations", "short ones, one in the other", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(100);
            for (int i = 0; i < n; i++)
            {
                using (space.Space.StartInvalidation(GrowthSpace.Far, InvalidationEvent.Clear))
                    space.Invalidate(GrowthSpace.Far);
            }

            return space;
        }),
        new("space with an active invalidation", "readers that gave up", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(1);
            GrowthNotifier notifier = space.Add(GrowthSpace.At(0));
            using var cancellation = new CancellationTokenSource();
            List<Task> readers = [];
            for (int i = 0; i < n; i++)
                readers.Add(notifier.ReadBeginAsync(cancellation.Token).AsTask());
            cancellation.Cancel();
            Task.WhenAll(readers).ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
            return space;
        }),
        new("space", "hits of a past walk, with second steps", 0, n => AfterWalk(n, hasSecondStep: true, static _ => { })),
        new("space", "notifiers that moved and were removed in a past walk", 0, n => AfterWalk(n, hasSecondStep: false, static notifier =>
            notifier.Move(GrowthSpace.Far))),
        new("space", "inherited calls of a past walk", 0, n => AfterWalk(n, hasSecondStep: false, static notifier =>
            notifier.Space!.Apply(new NotifierBatch()
                .Remove(notifier, notifier.Range)
                .Insert(new GrowthNotifier { OnCall = static heir => heir.RemoveDeferred() }, notifier.Range)))),
        new("space", "past pairs of a whole-space notifier", 0, n =>
        {
            var space = new GrowthSpace();
            space.Space.Insert(new GrowthWholeSpaceNotifier());
            space.WithActive(n);
            space.EndAll();
            return space.Space;
        }),
        new("cache", "entries", 1, n => new GrowthCache().With(n, "t")),
        new("cache", "entries that came and went one after the other, each with its tag", 0, n =>
        {
            var cache = new GrowthCache(sizeLimit: 10);
            for (int i = 0; i < n; i++)
                cache.Load(GrowthCache.KeyAt(i), $"t{i}");
            return cache;
        }),
        new("cache", "past loads that failed", 0, n =>
        {
            var cache = new GrowthCache();
            for (int i = 0; i < n; i++)
                cache.Cache.GetOrLoadAsync<int>(GrowthCache.KeyAt(i), static _ => throw new IOException(), null, [$"t{i}"]).AsTask()
                    .ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
            return cache;
        }),
        new("cache", "past scopes", 0, n =>
        {
            var cache = new GrowthCache();
            for (int i = 0; i < n; i++)
                cache.Cache.StartInvalidation(CacheName.Key($"k:{i}"), CacheName.Tag($"t{i}"), CacheName.Prefix($"p:{i}")).Dispose();
            return cache;
        }),
    ];

    /// <summary>One walk that meets n notifiers, which are removed then; and others that meet one.</summary>
    private static AddressSpace AfterWalk(int count, bool hasSecondStep, Action<GrowthNotifier> onCall)
    {
        GrowthSpace space = new GrowthSpace().WithNotifiers(count, onCall, hasSecondStep);
        space.Invalidate(AddressRange.Whole);
        foreach (GrowthNotifier notifier in space.Notifiers)
            notifier.RemoveDeferred();
        space.Notifiers.Clear();
        space.Add(GrowthSpace.At(0), static notifier => notifier.Move(GrowthSpace.At(0)), hasSecondStep: true);
        for (int i = 0; i < RoundsAfterPeak; i++)
            space.Invalidate(AddressRange.Whole);
        return space.Space;
    }
}
