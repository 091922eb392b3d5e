using System.Diagnostics;
using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>
/// The races of docs/registration-cache.md: a thread that sees the effect of a change finds it reported, whichever thread made it.
/// </summary>
[Collection(WatchGroup.Name)]
public sealed class RaceTests
{
    private const ulong Length = 16;
    private const int Rounds = 20_000;
    private const int Drops = 40;

    // Where the kernel puts nothing by itself: tests that run beside this one take any other hole.
    private static readonly ulong s_place = 1UL << 40;

    /// <remarks>
    /// R1. One thread unmaps; another one maps the address as soon as it is free, while the first still waits for its event to be read.
    /// </remarks>
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void An_address_that_another_thread_reuses_is_reported_before_it_is_used(bool usePerfEvents, bool assumeNoForeignRemap)
    {
        using var watched = new Watched(
            new LinuxMemoryWatchOptions { UsePerfEvents = usePerfEvents, AssumeNoForeignRemap = assumeNoForeignRemap });
        using var round = new Barrier(2);
        const int rounds = Rounds / 2;
        ulong address = s_place;
        var unmapper = new Thread(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                round.SignalAndWait();
                Unmap(address, Length * Page);
                round.SignalAndWait();
            }
        })
        {
            IsBackground = true,
        };
        unmapper.Start();
        int misses = 0;
        int early = 0;
        for (int i = 0; i < rounds; i++)
        {
            Assert.True(TryMapPlace());
            Touch(address, Length);
            watched.Watch.TryWatch(Pages(address, Length));
            ulong handled = watched.Watch.CatchUp();
            watched.Clear();
            ulong announced = watched.Watch.AnnouncedEvents;
            round.SignalAndWait();
            long begin = Stopwatch.GetTimestamp();
            while (!TryMapPlace())
                Assert.True(Stopwatch.GetElapsedTime(begin) < Patience.Limit, "The address does not become free.");
            // The event of the munmap has not even been announced: what the race is about.
            early += watched.Watch.AnnouncedEvents == announced ? 1 : 0;
            if (watched.Watch.Stamp != handled)
                watched.Watch.CatchUp();
            misses += watched.IsReported(Pages(address, Length)) ? 0 : 1;
            round.SignalAndWait();
            watched.Watch.Unwatch(Pages(address, Length));
            Unmap(address, Length * Page);
        }

        unmapper.Join();
        Assert.Null(watched.Watch.Failure);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{early} of {rounds} times the address was mapped anew before the event was announced.");
        Assert.Equal(0, misses);
    }

    /// <remarks>
    /// R2. Pages hold 1 until they are dropped; a thread that finds another content has an announcement to go by, or found no time to rely
    /// on it.
    /// </remarks>
    [Fact]
    public unsafe void Pages_that_are_dropped_are_announced_before_they_are_gone()
    {
        using var watched = new Watched();
        ulong address = watched.Map(Length);
        AddressRange range = Pages(address, Length);
        bool isOver = false;
        int drops = 0;
        int hits = 0;
        var dropper = new Thread(() =>
        {
            var random = new Random(1);
            while (!Volatile.Read(ref isOver))
            {
                int hitsBefore = Volatile.Read(ref hits);
                Advise(address, Length * Page, DontNeed);
                Interlocked.Increment(ref drops);
                Thread.Sleep(random.Next(20, 250));
                // Often in the time in which nothing is kept after a removal, sometimes after it.
                while (drops % 10 == 0 && Volatile.Read(ref hits) == hitsBefore && !Volatile.Read(ref isOver))
                    Thread.Sleep(1);
            }
        })
        {
            IsBackground = true,
        };
        dropper.Start();
        int misses = 0;
        int kept = 0;
        ulong handled = 0;
        bool isKept = false;
        long begin = Stopwatch.GetTimestamp();
        while ((Volatile.Read(ref drops) < Drops || hits == 0 || kept < 2) && Stopwatch.GetElapsedTime(begin) < Patience.Limit)
        {
            isKept &= watched.Watch.Stamp == handled;
            if (!isKept)
            {
                handled = watched.Watch.CatchUp();
                Touch(address, Length);
                isKept = watched.Watch.Stamp == handled && !watched.Watch.IsChanging(range);
                kept += isKept ? 1 : 0;
                continue;
            }

            bool isGone = Volatile.Read(ref *(byte*)(address + (5 * Page))) == 0;
            misses += isGone && watched.Watch.Stamp == handled ? 1 : 0;
            Interlocked.Increment(ref hits);
        }

        Volatile.Write(ref isOver, true);
        dropper.Join();
        Unmap(address, Length * Page);
        Assert.Equal(0, misses);
        Assert.True(hits > 0 && kept > 1, $"{hits} hits, kept {kept} times, {drops} drops");
    }

    /// <remarks>R3. Each change of a thread is reported before that thread's call returns to it and it asks.</remarks>
    [Fact]
    public void Two_threads_that_change_their_memory_find_each_change_reported()
    {
        using var watched = new Watched();
        int misses = 0;
        void Churn()
        {
            for (int i = 0; i < Rounds / 4; i++)
            {
                ulong address = MapTouched(Length);
                AddressRange range = Pages(address, Length);
                watched.Watch.TryWatch(range);
                ulong handled = watched.Watch.CatchUp();
                var seen = new SeenOnce(range);
                watched.Watch.Space.Insert(seen, range);
                Unmap(address, Length * Page);
                if (watched.Watch.Stamp != handled)
                    watched.Watch.CatchUp();
                if (!seen.IsSeen)
                    Interlocked.Increment(ref misses);
                seen.Remove();
                watched.Watch.Unwatch(range);
                watched.Clear();
            }
        }

        var other = new Thread(Churn);
        other.Start();
        Churn();
        other.Join();
        Assert.Null(watched.Watch.Failure);
        Assert.Equal(0, misses);
    }

    private static bool TryMapPlace() =>
        Map((nint)s_place, (nuint)(Length * Page), ReadWrite, PrivateAnonymous | FixedNoReplace, -1, 0) == (nint)s_place;

    private sealed class SeenOnce(AddressRange range) : IntervalNotifier
    {
        private volatile bool _isSeen;

        internal bool IsSeen => _isSeen;

        protected override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            _isSeen |= invalidation.Range.Contains(range);
            return InvalidateResult.Done;
        }
    }
}
