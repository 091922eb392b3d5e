using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Watch;

public sealed class PageTableScanTests
{
    private const ulong Last = 0x7FFF_FFFF_EFFF;
    private const ulong Mebibyte = 1UL << 20;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1000, 1)]
    [InlineData(1000, 2)]
    [InlineData(1 << 20, 2)]
    public void Parts_find_together_what_one_scan_finds(int pagesPerPart, int threads)
    {
        using PythonChild child = PythonChild.Start();
        ulong memory = child.Address($"anon({64 * Mebibyte})");
        child.Call($"madvise({memory}, {64 * Mebibyte}, 15)"); // MADV_NOHUGEPAGE
        child.Call($"fill({memory}, 1, {48 * Mebibyte})");
        child.Call($"[fill({memory} + 48 * {Mebibyte} + i * 8192, 1, 4096) for i in range(500)][0]");
        using PageMap pageMap = PageMap.Open(child.ProcessId, out _)!;
        List<PageRegion> expected = [], found = [];
        Assert.Equal(PageMapStatus.Complete, pageMap.ScanAll(0, Last, PageScanFlags.None, PageFilter.Look, expected));
        var scan = new PageTableScan(pageMap, pagesPerPart);

        scan.Begin(expected.ToArray(), Last);
        Task[] helpers = [.. Enumerable.Range(1, threads).Select(_ => Task.Run(scan.Help))];
        Task.WaitAll(helpers);

        Assert.True(scan.TryTake(found));
        Assert.Equal(expected, found);
        Assert.InRange(scan.Parts, pagesPerPart == 1 << 20 ? 1 : 5, pagesPerPart == 1 << 20 ? 1 : 8);
    }

    [Fact]
    public void Without_an_earlier_scan_there_is_one_part()
    {
        using PythonChild child = PythonChild.Start();
        using PageMap pageMap = PageMap.Open(child.ProcessId, out _)!;
        var scan = new PageTableScan(pageMap);
        var found = new List<PageRegion>();
        scan.Begin([], Last);
        scan.Help();
        Assert.Equal(1, scan.Parts);
        Assert.True(scan.TryTake(found));
        Assert.NotEmpty(found);
    }

    [Fact]
    public void Of_a_program_that_is_gone_nothing_is_taken()
    {
        using PythonChild child = PythonChild.Start();
        using PageMap pageMap = PageMap.Open(child.ProcessId, out _)!;
        child.Kill();
        Patience.Until(() => !pageMap.IsAlive(), "its memory is gone");
        var scan = new PageTableScan(pageMap);
        scan.Begin([], Last);
        scan.Help();
        Assert.False(scan.TryTake([]));
    }
}
