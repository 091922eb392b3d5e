using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Two devices on one address space.</summary>
internal static class TwoDeviceScenarios
{
    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("migrate_mixed", MigrateMixed),
        ("snapshot", Snapshot),
        ("double_map", DoubleMap),
    ];

    private static void MigrateMixed(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.Map(6 * Page);
        ulong Place(ulong page) => address + (page * Page);
        Expect(Errno.None, bench.Memory.Unmap(Place(1), Page), "munmap");
        Expect(
            Errno.InvalidArgument, bench.Command(MirrorCommand.MigrateToDevice, address, 3, device: bench.Device1).Error,
            "migration with a hole");
        Expect(Errno.None, bench.Memory.Protect(address, Page, Protection.None), "mprotect");
        Expect(
            Errno.InvalidArgument, bench.Command(MirrorCommand.MigrateToDevice, address, 3, device: bench.Device1).Error,
            "migration of PROT_NONE");
        Expect(Errno.None, bench.Memory.Load(Place(2), new byte[1]), "the CPU's read of page 2, which becomes zeros");
        bench.Fill(Place(3), 3, 3 * Page);
        Expect(Errno.None, bench.Memory.Protect(Place(3), Page, Protection.Read), "mprotect");
        Answer four = bench.Command(MirrorCommand.MigrateToDevice, Place(2), 4, device: bench.Device1);
        Expect(Errno.None, four.Error, "migration of four pages");
        Expect(4UL, four.Block.PagesDone, "pages migrated");
        Expect([.. new byte[Page], .. Numbers(3, 3 * Page)], four.Bytes, "what the device reads");
        Answer other = bench.Command(MirrorCommand.MigrateToDevice, Place(5), 1);
        Expect(Errno.NoEntry, other.Error, "migration of a page of the other device");
    }

    private static void Snapshot(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.Map(7 * Page);
        ulong Place(ulong page) => address + (page * Page);
        Expect(Errno.None, bench.Memory.Unmap(Place(1), Page), "munmap");
        Expect(Errno.None, bench.Memory.Protect(Place(0), Page, Protection.None), "mprotect");
        Expect(Errno.None, bench.Memory.Load(Place(2), new byte[1]), "the CPU's read");
        bench.Fill(Place(3), 3, 4 * Page);
        Expect(Errno.None, bench.Memory.Protect(Place(3), Page, Protection.Read), "mprotect");
        Expect(Errno.None, bench.Command(MirrorCommand.MigrateToDevice, Place(5), 1).Error, "migration to device 0");
        Expect(Errno.None, bench.Command(MirrorCommand.MigrateToDevice, Place(6), 1, device: bench.Device1).Error, "migration to device 1");
        byte zero = bench.Memory.WhyUnsupported(MemoryFeature.ZeroPage) is null ? (byte)0x11 : (byte)0x02;
        byte[] expected = bench.IsCoherent ? [0xff, 0xff, zero, 0x01, 0x02, 0x42, 0x52] : [0xff, 0xff, zero, 0x01, 0x02, 0x22, 0x00];
        Expect(expected, bench.Snapshot(address, 7), "snapshot");
    }

    private static void DoubleMap(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.Map();
        bench.Fill(address);
        bench.ExpectDeviceNumbers(MirrorCommand.Read, address);
        bench.ExpectDeviceNumbers(MirrorCommand.Read, address, device: bench.Device1);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, device: bench.Device1);
        bench.ExpectDeviceNumbers(MirrorCommand.Read, address);
    }
}
