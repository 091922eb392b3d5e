namespace MmuNotifier.Growth;

/// <content>Waits: only awaitable ones, because the steps of one thread are counted.</content>
internal static partial class GrowthRows
{
    private const string WaitingReaders = "waiting readers";

    private static IEnumerable<GrowthRow> Waits() =>
    [
        new("a reader that is queued and goes on", WaitingReaders, 0, n =>
        {
            var space = new GrowthSpace();
            GrowthNotifier notifier = space.Add(GrowthSpace.At(0));
            return new GrowthCase(
                () =>
                {
                    space.WithActive(1);
                    List<Task> readers = Queue(notifier, n);
                    space.EndAll();
                    Finish(readers);
                },
                n);
        }),
        new("a reader that is queued and gives up", WaitingReaders, 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(1);
            GrowthNotifier notifier = space.Add(GrowthSpace.At(0));
            return new GrowthCase(
                () =>
                {
                    for (int i = 0; i < 4; i++)
                    {
                        using var cancellation = new CancellationTokenSource();
                        Queue(notifier, n / 4, cancellation.Token);
                        cancellation.Cancel();
                    }
                },
                n);
        }),
        new("an end, without readers", "readers that gave up", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(1);
            GrowthNotifier notifier = space.Add(GrowthSpace.At(0));
            using (var cancellation = new CancellationTokenSource())
            {
                Queue(notifier, n, cancellation.Token);
                cancellation.Cancel();
            }

            return new GrowthCase(space.EndAll);
        }),
        new("an end", WaitingReaders + " that another one blocks as well", 1, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(2, isOfSamePage: true);
            GrowthNotifier notifier = space.Add(GrowthSpace.At(0));
            Queue(notifier, n);
            return new GrowthCase(space.EndAll);
        }),
        new("ends, each", "active invalidations that block the same reader", 1, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(n, isOfSamePage: true);
            GrowthNotifier notifier = space.Add(GrowthSpace.At(0));
            Queue(notifier, 2);
            return new GrowthCase(space.EndAll, n);
        }),
        new("an edit of another notifier", WaitingReaders, 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithActive(1);
            Queue(space.Add(GrowthSpace.At(0)), n);
            return Edit(space);
        }),
        new("synchronize, each that waits", "waiting calls, and removals that it waits for", 0, n =>
        {
            GrowthSpace space = new GrowthSpace().WithNotifiers(n, static notifier => notifier.RemoveDeferred(), hasSecondStep: true);
            List<Task> waits = [];
            space.Notifiers[^1].OnCall = notifier =>
            {
                notifier.RemoveDeferred();

                // Not from this thread: from inside a callback the call is misuse.
                var other = new Thread(() =>
                {
                    for (int i = 0; i < n; i++)
                        waits.Add(space.Space.SynchronizeAsync());
                });
                other.Start();
                other.Join();
            };
            return new GrowthCase(
                () =>
                {
                    space.Invalidate(AddressRange.Whole);
                    Finish(waits);
                },
                n);
        }),
    ];

    private static List<Task> Queue(GrowthNotifier notifier, int count, CancellationToken cancellationToken = default)
    {
        List<Task> readers = [];
        for (int i = 0; i < count; i++)
            readers.Add(notifier.ReadBeginAsync(cancellationToken).AsTask());
        return readers;
    }

    private static void Finish(List<Task> waits)
    {
        if (!Task.WaitAll([.. waits], TimeSpan.FromMinutes(2)))
            throw new InvalidOperationException("A wait did not end.");
    }
}
