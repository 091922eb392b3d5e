namespace MmuNotifier.Tool.Races;

/// <summary>
/// R2, R3 and R4: one thread changes the region again and again (drops its pages; unmaps and maps it; puts a mapping over it without an
/// event), another looks it up all the time.
/// </summary>
/// <remarks>
/// Change i begins, ends, writes token i and is published. A lookup that began when i was published must find a token of i or later.
/// It may find none (0) if a change began before its token was read: then the pages are new, and their token is not written yet.
/// After each change the changer waits for a whole lookup (bounded), so that most changes are followed by one with nothing to excuse it.
/// While pages are being dropped all the time hardly anything is kept; so some changes wait until something was (bounded), and race against
/// it.
/// </remarks>
internal static class ChangeRace
{
    /// <summary>Each takes a second or more: so long a removal counts as under way (docs/watching-own-memory.md).</summary>
    private const int MostWaits = 100;

    private const int FewestChangesBetweenWaits = 250;
    private const int HitLimitMilliseconds = 3000;
    private const int EnoughForHits = 2 * FewestChangesBetweenWaits;

    internal static RaceResult DropPages(RaceRun run) => Run("R2", run, waitsForHits: true, RaceBench.DropPages);

    internal static RaceResult MapAgain(RaceRun run) => Run("R3", run, waitsForHits: false, () =>
    {
        RaceBench.Unmap();
        if (!RaceBench.TryMap())
            throw new InvalidOperationException("The region cannot be mapped again.");
    });

    internal static RaceResult MapOverWithoutEvent(RaceRun run) =>
        Run("R4", run, waitsForHits: false, RaceBench.AttachSegmentOver);

    private static RaceResult Run(string name, RaceRun run, bool waitsForHits, Action change)
    {
        using var bench = new RaceBench();
        if (!RaceBench.TryMap())
            throw new InvalidOperationException("The region cannot be mapped.");
        RaceBench.Token = 1;
        long changesBetweenWaits = Math.Max(FewestChangesBetweenWaits, run.Iterations / MostWaits);
        long begun = 1, published = 1, lookups = 0;
        bool isOver = false;
        Exception? failure = null;
        var changer = new Thread(() =>
        {
            try
            {
                for (long i = 2; i <= run.Iterations + 1 && !run.IsStopped; i++)
                {
                    if (waitsForHits && i % changesBetweenWaits == 0)
                    {
                        long hits = bench.Hits;
                        SpinWait.SpinUntil(() => bench.Hits > hits || Volatile.Read(ref isOver), HitLimitMilliseconds);
                    }

                    Volatile.Write(ref begun, i);
                    Interlocked.MemoryBarrier();
                    change();
                    RaceBench.Token = (ulong)i;
                    Volatile.Write(ref published, i);
                    run.CountOne();
                    long seen = Volatile.Read(ref lookups);
                    // Two ends of lookups: the second of them began after this change.
                    SpinWait.SpinUntil(() => Volatile.Read(ref lookups) >= seen + 2 || Volatile.Read(ref isOver), millisecondsTimeout: 50);
                }
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }

            Volatile.Write(ref isOver, true);
        });
        changer.Start();
        long stale = 0;
        try
        {
            while (!Volatile.Read(ref isOver))
            {
                long expected = Volatile.Read(ref published);
                ulong? token = bench.LookUpToken();
                bool isExcused = token is null or 0 && Volatile.Read(ref begun) > expected;
                if (!isExcused && (token is null || token < (ulong)expected))
                    stale++;
                Volatile.Write(ref lookups, lookups + 1);
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            changer.Join();
        }

        if (failure is not null)
            throw failure;
        bench.RequireMeaning(needsHits: run.Done >= EnoughForHits);
        return new RaceResult(name, run.Done, bench.Hits, stale);
    }
}
