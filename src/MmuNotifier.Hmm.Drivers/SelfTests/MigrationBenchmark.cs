using System.Diagnostics;
using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>How fast huge and small pages move to a device and back, in buffers of 0.5 to 256 MiB. It fails only if one cannot.</summary>
internal static class MigrationBenchmark
{
    internal const string Name = "benchmark_thp_migration";

    private const int LargestMebibytes = 256;

    internal static TimeSpan Limit => TimeSpan.FromSeconds(120);

    internal static void Run(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        bench.Need(MemoryFeature.TransparentHugePages);
        byte[] bytes = new byte[LargestMebibytes << 20];
        foreach (ulong size in (ReadOnlySpan<ulong>)
            [HugeBytes / 4, HugeBytes / 2, HugeBytes, 2 * HugeBytes, 4 * HugeBytes, 8 * HugeBytes, 128 * HugeBytes])
        {
            Speed huge = Measure(bench, size, Advice.HugePage, bytes);
            Speed small = Measure(bench, size, Advice.NoHugePage, bytes);
            bench.Note($"{size / 1024,6} KiB: to the device {huge.ToDevice:F2} GB/s huge, {small.ToDevice:F2} GB/s small; "
                + $"back {huge.Back:F2} GB/s huge, {small.Back:F2} GB/s small");
        }
    }

    private static Speed Measure(SelfTestBench bench, ulong size, Advice advice, byte[] bytes)
    {
        int rounds = size > 8 * HugeBytes ? 1 : 5;
        ulong address = bench.MapAligned(size);
        Expect(Errno.None, bench.Memory.Advise(address, size, advice), "madvise");
        bench.Fill(address, 0, size);
        var toDevice = new Stopwatch();
        var back = new Stopwatch();
        for (int i = 0; i <= rounds; i++)
        {
            if (i == 1)
            {
                toDevice.Reset(); // The first round was to warm up.
                back.Reset();
            }

            toDevice.Start();
            Expect(Errno.None, bench.Command(MirrorCommand.MigrateToDevice, address, size / Page, bytes).Error, "MigrateToDevice");
            toDevice.Stop();
            back.Start();
            Answer answer = bench.Command(MirrorCommand.MigrateToSystem, address, size / Page, bytes);
            back.Stop();
            Expect(Errno.None, answer.Error, "MigrateToSystem");
            Expect(size / Page, answer.Block.PagesDone, "pages that came back");
        }

        Expect(Errno.None, bench.Memory.Unmap(address, size), "munmap");
        double gigabytes = rounds * (double)size / 1e9;
        return new Speed(gigabytes / toDevice.Elapsed.TotalSeconds, gigabytes / back.Elapsed.TotalSeconds);
    }

    /// <summary>In gigabytes a second.</summary>
    private readonly record struct Speed(double ToDevice, double Back);
}
