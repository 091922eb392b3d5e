using System.Diagnostics;
using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>
/// R1 with mremap: one thread unmaps watched memory; before its event is announced, another one has put memory there by mremap, which
/// leaves no record. What it asks then must know of the munmap.
/// </summary>
[Collection(WatchGroup.Name)]
public sealed class RemapRaceTests
{
    private const int Rounds = 2000;
    private const int MayMoveTo = 3;

    /// <summary>Where the kernel puts nothing by itself.</summary>
    private const ulong Left = 0x0110_0000_0000;
    private const ulong Place = Left + Page;

    /// <summary>Where the memory comes from that is moved to <see cref="Place"/>.</summary>
    private const ulong Source = Left + (64 * Page);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_neighbour_that_grows_into_the_hole_finds_the_munmap_reported(bool usePerfEvents)
    {
        MapPages(1, flags: PrivateAnonymous | FixedNoReplace, address: Left);
        try
        {
            Race(usePerfEvents, () => Remap(Left, Page, 2 * Page, 0, 0) != -1, () =>
            {
            });
        }
        finally
        {
            Unmap(Left, 2 * Page);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_that_is_moved_into_the_hole_finds_the_munmap_reported(bool usePerfEvents)
    {
        Race(usePerfEvents, TryMove, () => MapPages(1, flags: PrivateAnonymous | FixedNoReplace, address: Source));

        static bool TryMove()
        {
            // Only into the hole: moving onto a mapping is another change, with an event of its own.
            const int asItIs = 0;
            return Advise(Place, Page, asItIs) == -1 && Remap(Source, Page, Page, MayMoveTo, Place) != -1;
        }
    }

    private static void Race(bool usePerfEvents, Func<bool> tryFill, Action prepare)
    {
        using var watched = new Watched(new LinuxMemoryWatchOptions { UsePerfEvents = usePerfEvents });
        using var round = new Barrier(2);
        var unmapper = new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                round.SignalAndWait();
                Unmap(Place, Page);
                round.SignalAndWait();
            }
        })
        {
            IsBackground = true,
        };
        unmapper.Start();
        int misses = 0;
        for (int i = 0; i < Rounds; i++)
        {
            MapPages(1, flags: PrivateAnonymous | FixedNoReplace, address: Place);
            prepare();
            Touch(Place, 1);
            Assert.True(watched.Watch.TryWatch(Pages(Place, 1)));
            ulong handled = watched.Watch.CatchUp();
            watched.Clear();
            round.SignalAndWait();
            long begin = Stopwatch.GetTimestamp();
            while (!tryFill())
                Assert.True(Stopwatch.GetElapsedTime(begin) < Patience.Limit, "The address does not become free.");
            if (watched.Watch.Stamp != handled)
                watched.Watch.CatchUp();
            misses += watched.IsReported(Pages(Place, 1)) ? 0 : 1;
            round.SignalAndWait();
            watched.Watch.Unwatch(Pages(Place, 1));
            Unmap(Place, Page);
        }

        unmapper.Join();
        Assert.Null(watched.Watch.Failure);
        Assert.Equal(0, misses);
    }
}
