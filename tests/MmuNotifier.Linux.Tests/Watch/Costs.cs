using System.Diagnostics;
using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>What the watch costs; run with --explicit only, in Release.</summary>
[Collection(WatchGroup.Name)]
public sealed class Costs
{
    private const ulong Length = 16;

    [Fact(Explicit = true)]
    public void Of_looking_and_of_changing()
    {
        // Alone in a hole of memory that is kept: mapped and unmapped beside the same neighbours each time.
        ulong kept = MapPages(4096, protection: 0);
        ulong place = kept + (2048 * Page);
        Unmap(kept + (1024 * Page), 2048 * Page);
        Func<ulong, ulong> alone = pages =>
        {
            MapPages(pages, flags: PrivateAnonymous | Fixed, address: place);
            Touch(place, pages);
            return place;
        };
        Report("munmap of 64 KiB touched, before there is a watch", Unmapping(alone));
        Report("mmap, munmap of one page, before there is a watch", EachOf(1, Elsewhere));
        using var watched = new Watched();
        ulong address = watched.Map(Length);
        AddressRange range = Pages(address, Length);
        ulong sum = 0;
        Report("Stamp", EachOf(1000, () => sum += watched.Watch.Stamp));
        Report("CatchUp, nothing new", EachOf(1000, () => watched.Watch.CatchUp()));
        Report("mmap, munmap of one page elsewhere", EachOf(1, Elsewhere));
        Report("mmap, munmap of one page elsewhere, CatchUp", EachOf(1, () =>
        {
            Elsewhere();
            watched.Watch.CatchUp();
        }));
        Report("IsChanging, none", EachOf(1000, () => watched.Watch.IsChanging(range)));
        Report("Watch and Unwatch of a mapping that is watched", EachOf(100, () =>
        {
            watched.Watch.TryWatch(Pages(address, 2));
            watched.Watch.Unwatch(Pages(address, 2));
        }));
        Report("Arm of 16 pages", EachOf(10, () => watched.Watch.Arm(range)));
        Report("IsIntact of 16 pages", EachOf(10, () => watched.Watch.IsIntact(range)));
        Report("munmap of 64 KiB touched, not watched", Unmapping(alone));
        Report("munmap of 64 KiB touched, watched", Unmapping(pages =>
        {
            watched.Add(alone(pages), pages);
            return place;
        }));
        Unmap(address, Length * Page);
        watched.Dispose();
        Report("munmap of 64 KiB touched, after the watch", Unmapping(alone));
        using var strict = new Watched(Watched.WithoutRecords);
        strict.Map(Length);
        Report("CatchUp without perf events", EachOf(100, () => strict.Watch.CatchUp()));
        Assert.NotEqual(0UL, sum);
    }

    private static void Elsewhere() => Unmap(MapPages(1, protection: 1), Page);

    private static double[] EachOf(int count, Action action)
    {
        double[] times = new double[501];
        for (int i = 0; i < times.Length; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            for (int j = 0; j < count; j++)
                action();
            times[i] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / count;
        }

        return times;
    }

    private static double[] Unmapping(Func<ulong, ulong> map)
    {
        double[] times = new double[501];
        for (int i = 0; i < times.Length; i++)
        {
            ulong address = map(Length);
            long begin = Stopwatch.GetTimestamp();
            Unmap(address, Length * Page);
            times[i] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
        }

        return times;
    }

    private static void Report(string name, double[] times)
    {
        Array.Sort(times);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{name}: {times[times.Length / 2]:F1} ns (10 %: {times[times.Length / 10]:F1}, 90 %: {times[times.Length * 9 / 10]:F1})");
    }
}
