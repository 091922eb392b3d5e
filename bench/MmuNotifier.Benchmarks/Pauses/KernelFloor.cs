using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Benchmarks.Pauses;

/// <summary>
/// What the kernel alone takes for the two things that every catch-up needs: the text of the maps, and a look at the page table.
/// </summary>
internal static class KernelFloor
{
    private const int Readings = 9;
    private const int BufferBytes = 64 * 1024;

    /// <summary>Reading the maps without looking at them; the median, in milliseconds.</summary>
    internal static double Maps(int processId)
    {
        byte[] buffer = new byte[BufferBytes];
        return Median(() =>
        {
            using var file = new FileStream($"/proc/{processId}/maps", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            while (file.Read(buffer) > 0)
            {
            }
        });
    }

    /// <summary>One scan that returns every region of pages that exist; the median, in milliseconds.</summary>
    internal static double Scan(int processId)
    {
        using PageMap pages = PageMap.Open(processId, out _) ?? throw new InvalidOperationException("The target has ended.");
        var regions = new List<PageRegion>();
        return Median(() =>
        {
            regions.Clear();
            pages.ScanAll(0, 0x7FFF_FFFF_EFFF, PageScanFlags.None, PageFilter.Look, regions);
        });
    }

    private static double Median(Action action)
    {
        double[] times = new double[Readings];
        for (int i = 0; i < Readings; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[Readings / 2];
    }
}
