namespace MmuNotifier.Tests.Stress;

/// <content>Read sections that collect and commit.</content>
internal sealed partial class StressRun
{
    private static readonly CancellationTokenSource s_neverCancelled = new();

    [ThreadStatic]
    private static InvalidationOrigin? t_origin;

    private void Read()
    {
        if (Any(AnyDevice()) is not { } notifier)
            return;
        AddressRange? part = StressRandom.Chance(50) ? null : PartOf(notifier.Range);
        ReadSection section = Begin(notifier, part);
        if (section.Status != ReadStatus.Open)
            return;
        AddressRange range = part ?? notifier.Range; // Another one than when the section began only after an edit; then it retries.
        CollectAndCommit(notifier, range, section);
    }

    /// <summary>A device that migrates what it reads: the section that names the origin does not retry for that migration.</summary>
    private void ReadAndMigrate()
    {
        if (Any(AnyDevice()) is not { } notifier || !ReferenceEquals(notifier.Owner, _owner))
            return;
        AddressRange part = PartOf(notifier.Range);
        InvalidationOrigin origin = t_origin ??= new InvalidationOrigin();
        ReadSection former = notifier.ReadBeginNoWait(part, origin);
        // With a token: an invalidation that this thread started may have another one that ends it.
        ReadSection section = StressRandom.Chance(50)
            ? notifier.ReadBeginNoWait(part, origin)
            : notifier.ReadBegin(part, origin, s_neverCancelled.Token);
        if (section.Status != ReadStatus.Open || !Start(part, InvalidationEvent.Migrate, _owner, origin, out InvalidationScope scope))
            return;
        StressRandom.Pause();
        Model.Change(part);
        long[] versions = Collect(part);
        if (StressRandom.Chance(30))
            ChangeForOthers(new AddressRange(part.Last, part.Last));
        End(scope, _owner);
        Model.Require(former.MustRetry, "a section is exempt from an origin that stands for a later one");
        Commit(notifier, part, section, versions);
    }

    /// <summary>An invalidation without the origin, inside of one with it: for this one the section retries.</summary>
    private void ChangeForOthers(AddressRange range)
    {
        if (!Start(range, InvalidationEvent.Migrate, _owner, null, out InvalidationScope scope))
            return;
        Model.Change(range);
        End(scope, _owner);
    }

    private void CollectAndCommit(StressNotifier notifier, AddressRange range, ReadSection section)
    {
        long[] versions = Collect(range);
        StressRandom.Pause();
        Commit(notifier, range, section, versions);
    }

    private long[] Collect(AddressRange range)
    {
        var versions = new long[range.Last - range.Start + 1];
        for (int i = 0; i < versions.Length; i++)
            versions[i] = Model.Version((int)range.Start + i);
        return versions;
    }

    private static void Commit(StressNotifier notifier, AddressRange range, ReadSection section, long[] versions)
    {
        using (notifier.Device.Lock.Hold())
        {
            if (!section.MustRetry)
                notifier.Device.Commit(range, versions);
        }
    }

    private static AddressRange PartOf(AddressRange range) =>
        StressRandom.Chance(50) ? range : new AddressRange(range.Start, range.Start + ((range.Last - range.Start) / 2));

    private static ReadSection Begin(StressNotifier notifier, AddressRange? part)
    {
        int way = t_depth > 0 ? 0 : StressRandom.Current.Next(6);
        using var source = new CancellationTokenSource();
        if (way > 3)
            source.CancelAfter(TimeSpan.FromMicroseconds(StressRandom.Current.Next(1, 300)));
        try
        {
            return (way, part) switch
            {
                (0 or 1, null) => notifier.ReadBeginNoWait(),
                (0 or 1, { } range) => notifier.ReadBeginNoWait(range),
                (2 or 4, null) => notifier.ReadBeginAsync(source.Token).AsTask().GetAwaiter().GetResult(),
                (2 or 4, { } range) => notifier.ReadBeginAsync(range, null, source.Token).AsTask().GetAwaiter().GetResult(),
                (_, null) => notifier.ReadBegin(source.Token),
                (_, { } range) => notifier.ReadBegin(range, null, source.Token),
            };
        }
        catch (OperationCanceledException)
        {
            return default;
        }
    }
}
