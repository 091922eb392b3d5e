namespace MmuNotifier.Tool.Races;

/// <summary>
/// R1: one thread unmaps the region; another puts memory there as soon as the address is free, while that munmap is still in flight, and
/// looks it up: by mmap, by growing a neighbour in place, or by moving other memory there.
/// </summary>
internal static class ReuseRace
{
    internal static RaceResult Map(RaceRun run) => Run("R1", run, RaceBench.TryMap);

    internal static RaceResult Grow(RaceRun run) => Run("R1-grow", run, RaceBench.TryGrowNeighbour);

    internal static RaceResult Move(RaceRun run) => Run("R1-move", run, RaceBench.TryMoveHere);

    private static RaceResult Run(string name, RaceRun run, Func<bool> tryFill)
    {
        using var bench = new RaceBench();
        long turn = 0;
        Exception? failure = null;
        var unmapper = new Thread(() =>
        {
            try
            {
                for (long i = 1; i <= run.Iterations; i++)
                {
                    SpinWait.SpinUntil(() => Volatile.Read(ref turn) != i - 1);
                    if (Volatile.Read(ref turn) < 0)
                        return;
                    RaceBench.Unmap();
                }
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }
        });
        unmapper.Start();
        long stale = 0;
        try
        {
            for (long i = 0; i < run.Iterations && failure is null && !run.IsStopped; i++)
            {
                FillAsSoonAsPossible(tryFill);
                RaceBench.Token = (ulong)i + 1;
                // The first lookup must not find what was there before; the second is a hit if nothing else has happened.
                for (int lookup = 0; lookup < 2; lookup++)
                {
                    if (bench.LookUpToken() != (ulong)i + 1)
                        stale++;
                }

                run.CountOne();
                Volatile.Write(ref turn, i + 1);
            }
        }
        finally
        {
            if (Volatile.Read(ref turn) != run.Iterations)
                Volatile.Write(ref turn, -1);
            unmapper.Join();
        }

        if (failure is not null)
            throw failure;
        bench.RequireMeaning(needsHits: run.Done > 100);
        return new RaceResult(name, run.Done, bench.Hits, stale);
    }

    private static void FillAsSoonAsPossible(Func<bool> tryFill)
    {
        long end = Environment.TickCount64 + 10_000;
        while (!tryFill())
        {
            if (Environment.TickCount64 > end)
                throw new InvalidOperationException("The region is not unmapped within 10 s.");
        }
    }
}
