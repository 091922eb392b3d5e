using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

/// <summary>What the calls cost; run with --explicit only, in Release.</summary>
public sealed unsafe class Measurements
{
    private const int Pages = 65_536;

    private readonly List<PageRegion> _regions = new(Pages);

    [Fact(Explicit = true)]
    public void Scanning()
    {
        using PageMap pages = PageMap.Open(Environment.ProcessId, out _)!;
        using UserfaultfdDescriptor watch = OwnUserfaultfd.Asynchronous();
        using var memory = new NativeMemory(Pages);
        watch.Register(memory.Start, memory.Last);
        Touch(memory, 1);
        ReportPages("arm 256 MiB, all written", () => Scan(pages, memory, arm: true), () => Touch(memory, 1));
        ReportPages("arm, one page in ten written", () => Scan(pages, memory, arm: true), () => Touch(memory, 10));
        Scan(pages, memory, arm: true);
        ReportPages("arm, clean", () => Scan(pages, memory, arm: true), null);
        ReportPages("written without arming, clean", () => Scan(pages, memory, arm: false), null);
        Touch(memory, 10);
        ReportPages("written without arming, one in ten", () => Scan(pages, memory, arm: false), null);
        ReportPages("present", () => pages.ScanPresent(memory.Start, memory.Last, Cleared()), null);
        PageFilter dear = PageFilter.Written with { Returned = PageFilter.CheapCategories | PageCategories.File | PageCategories.ZeroPage };
        ReportPages(
            "written, with File and ZeroPage", () =>
                pages.ScanAll(memory.Start, memory.Last, PageScanFlags.None, in dear, Cleared()), null);
        PageFilter fast = new(PageCategories.Written, PageCategories.None, PageCategories.None, PageCategories.Written);
        ReportPages(
            "kernel's own fast path, clean", () => pages.ScanAll(memory.Start, memory.Last, PageScanFlags.None, in fast, Cleared()), null);
        Report("one page, armed scan", 1000, () => pages.ScanWritten(memory.Start, memory.Start + 4095, arm: true, Cleared()));
        Report("one page, still protected?", 1000, () => pages.AnyStillProtected(
            memory.Start, memory.Start + 4095, DropBehaviour.Anonymous, out _));
        Report("is alive", 1000, () => pages.IsAlive());
        Report("write protect, one page", 1000, () => watch.WriteProtect(memory.Start, memory.Start + 4095, protect: true));
    }

    [Fact(Explicit = true)]
    public void Arming_a_child()
    {
        using WatchedChild watched = WatchedChild.Start();
        using PageMap pages = PageMap.Open(watched.Child.ProcessId, out _)!;
        ulong start = watched.Child.Address($"anon({Pages} * 4096)");
        watched.Register(start, Pages);
        Action arm = () => pages.ScanWritten(start, start + (Pages * 4096UL) - 1, arm: true, Cleared());
        ReportPages("arm a child, all written", arm, () => watched.Child.Call($"fill({start}, 1, {Pages} * 4096)"));
        ReportPages(
            "arm a child, one in ten", arm, () =>
                watched.Child.Call($"[write({start} + i * 40960, 1) for i in range({Pages} // 10)] and 0"));
        ReportPages("arm a child, clean", arm, null);
    }

    [Fact(Explicit = true)]
    public void Mappings()
    {
        using PythonChild child = PythonChild.Start();
        child.Call("[anon(8192, 0x22, -1, 1 + 2 * (i % 2)) for i in range(480)] and 0");
        using ProcessMaps maps = ProcessMaps.Open(child.ProcessId, new MappingNameCache(), out _)!;
        var mappings = new List<ProcessMapping>();
        maps.Read(mappings);
        Report($"maps of {mappings.Count} mappings", 200, () => maps.Read(mappings));
        var before = new List<ProcessMapping>(mappings);
        var changes = new List<MappingChange>();
        Report("compare two of them", 200, () => MapsDifference.Compare(
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(before),
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(mappings),
            changes));
        Report("query of one", 1000, () => maps.Query(mappings[100].Start, out _));
        Report("smaps of one, in the middle", 20, () => SmapsReader.Read(
            child.ProcessId, new HashSet<ulong> { mappings[100].Start }, out _));
        Report("status", 200, () => ProcessStatus.Read(child.ProcessId, out _));
        Report("peers, maps of all", 5, () => SharedMemoryPeers.Find(
            new HashSet<FileIdentity>(), new HashSet<int>(), new MappingNameCache()));
    }

    [Fact(Explicit = true)]
    public void Reading()
    {
        const int bytes = 64 << 20;
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address($"anon({bytes})");
        child.Call($"fill({start}, 1, {bytes})");
        using var target = new NativeMemory(bytes / 4096);
        foreach (int block in (int[])[4 << 10, 64 << 10, 2 << 20, bytes])
        {
            double ns = Median(15, () =>
            {
                for (int at = 0; at < bytes; at += block)
                    ProcessMemory.Read(child.ProcessId, start + (ulong)at, start + (ulong)(at + block) - 1, target.Pointer + at);
            });
            Print($"read in blocks of {block >> 10} KiB: {bytes / ns:F1} GB/s");
        }

        ulong[] addresses = [.. Enumerable.Range(0, 4096).Select(i => start + ((ulong)(i * 7919 % 16384) * 4096))];
        bool[] wasRead = new bool[addresses.Length];
        double vector = Median(15, () => ProcessMemory.ReadPages(child.ProcessId, addresses, target.Pointer, wasRead));
        Print($"read of scattered pages: {addresses.Length * 4096 / vector:F1} GB/s");
    }

    private List<PageRegion> Cleared()
    {
        _regions.Clear();
        return _regions;
    }

    private void Scan(PageMap pages, NativeMemory memory, bool arm) => pages.ScanWritten(memory.Start, memory.Last, arm, Cleared());

    private static void Touch(NativeMemory memory, int step)
    {
        for (int i = 0; i < Pages; i += step)
            memory.Write(i, 1);
    }

    private static void ReportPages(string name, Action action, Action? prepare)
    {
        double ns = Median(7, action, prepare);
        Print($"{name}: {Pages / ns * 1000:F0} M pages/s, {ns / 1000:F0} µs");
    }

    private static void Report(string name, int rounds, Action action) =>
        Print($"{name}: {Median(rounds, action) / 1000:F2} µs");

    private static double Median(int rounds, Action action, Action? prepare = null)
    {
        double[] times = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            prepare?.Invoke();
            long begin = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
        }

        Array.Sort(times);
        return times[rounds / 2];
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
