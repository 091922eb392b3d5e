using System.Diagnostics;
using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>The native thread: what it survives, and what is left when it does not.</summary>
[Collection(WatchGroup.Name)]
public sealed class ReaderTests
{
    [Fact]
    public void It_reads_on_whatever_signals_it_gets()
    {
        const int userSignal = 10;
        const int windowChanged = 28;
        using var watched = new Watched();
        for (int i = 0; i < 2000; i++)
        {
            Syscall.Tgkill(Environment.ProcessId, watched.Watch.ReaderThreadId, i % 2 == 0 ? userSignal : windowChanged);
            if (i % 10 == 0)
                UnmapReported(watched);
        }

        Assert.Null(watched.Watch.Failure);
    }

    [Fact]
    public void Unmaps_go_on_while_the_collector_runs()
    {
        using var watched = new Watched();
        bool isOver = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                GC.Collect(0);
                // Without a pause the next collection begins before any thread has woken from this one: on an idle machine none goes on at
                // all.
                Thread.Sleep(1);
            }
        })
        { IsBackground = true };
        collector.Start();
        Thread[] others = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() => Churn(watched, 1500)))];
        foreach (Thread thread in others)
            thread.Start();
        foreach (Thread thread in others)
            Assert.True(thread.Join(Patience.Limit), "The process hangs.");
        Volatile.Write(ref isOver, true);
        collector.Join();
        Assert.Null(watched.Watch.Failure);
    }

    [Fact]
    public void When_it_ends_that_is_told_and_unmaps_go_on()
    {
        using var watched = new Watched();
        ulong address = watched.Map(4);
        ulong stamp = watched.Watch.CatchUp();
        int nothing = OpenFile("/dev/null", 0);
        Assert.Equal(watched.Watch.EventDescriptor, Duplicate(nothing, watched.Watch.EventDescriptor));
        _ = Close(nothing);
        Unmap(address, 4 * Page);
        Assert.True(SpinWait.SpinUntil(() => watched.Watch.Failure is not null, Patience.Limit));
        Assert.NotEqual(stamp, watched.Watch.Stamp);
        watched.Watch.CatchUp();
        Assert.True(watched.IsReported(AddressRange.Whole));
        Assert.False(watched.Watch.TryWatch(Pages(address, 4)));
    }

    [Fact]
    public void Many_unmaps_without_a_look_are_all_reported_in_bounded_memory()
    {
        const int count = 40_000;
        using var watched = new Watched();
        ulong address = MapTouched(count * 2);
        for (ulong i = 0; i < count; i++)
            watched.Watch.TryWatch(Pages(address + (2 * i * Page), 1));
        watched.Watch.CatchUp();
        watched.Clear();
        int limit = int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), System.Globalization.CultureInfo.InvariantCulture);
        ulong stride = limit > count + 10_000 ? 1UL : 4;
        for (ulong i = 0; i < count; i += stride)
            Assert.Equal(0, Unmap(address + (2 * i * Page), Page));
        watched.Watch.CatchUp();
        bool isWholeReported = watched.IsReported(AddressRange.Whole);
        for (ulong i = 0; i < count && !isWholeReported; i += stride * 100)
            Assert.True(watched.IsReported(Pages(address + (2 * i * Page), 1)));
        Assert.Null(watched.Watch.Failure);
        Unmap(address, count * 2 * Page);
    }

    [Fact]
    public void Reports_that_nobody_asks_for_come_too()
    {
        using var watched = new Watched();
        ulong address = watched.Map(4);
        Unmap(address, 4 * Page);
        Assert.True(SpinWait.SpinUntil(() => watched.IsReported(Pages(address, 4)), Patience.Limit));
    }

    [Fact]
    public void After_disposal_it_says_so_and_memory_is_free()
    {
        var watched = new Watched();
        ulong address = watched.Map(4);
        ulong stamp = watched.Watch.CatchUp();
        watched.Dispose();
        Assert.NotNull(watched.Watch.Failure);
        Assert.NotEqual(stamp, watched.Watch.Stamp);
        Unmap(address, 4 * Page);
        Assert.False(watched.IsReported(Pages(address, 4)));
    }

    [Fact]
    public void A_program_is_started_and_both_go_on()
    {
        using var watched = new Watched();
        ulong address = watched.Map(4);
        for (int i = 0; i < 5; i++)
        {
            using Process child = Process.Start("true");
            Assert.True(child.WaitForExit(30_000));
            Assert.Equal(0, child.ExitCode);
        }

        Assert.Empty(watched.ReportsOn(Pages(address, 4)));
        UnmapReported(watched);
        Unmap(address, 4 * Page);
    }

    private static void Churn(Watched watched, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            ulong address = MapTouched(2);
            watched.Watch.TryWatch(Pages(address, 2));
            Unmap(address, 2 * Page);
            watched.Watch.CatchUp();
            watched.Watch.Unwatch(Pages(address, 2));
        }
    }

    private static void UnmapReported(Watched watched)
    {
        ulong address = watched.Map(2);
        Unmap(address, 2 * Page);
        Assert.NotEmpty(watched.ReportsOn(Pages(address, 2)));
        watched.Watch.Unwatch(Pages(address, 2));
    }
}
