using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Migration of small pages to a device and back.</summary>
internal static class MigrationScenarios
{
    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("migrate", Migrate),
        ("migrate_file_private", MigrateFile),
        ("migrate_fault", MigrateFault),
        ("migrate_release", MigrateRelease),
        ("migrate_shared", MigrateShared),
        ("migrate_multiple", MigrateMultiple),
    ];

    private static void Migrate(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.Map();
        bench.Fill(address);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address);
    }

    // Pages of the file stay; the copies that writes made are anonymous and move. The file keeps its content.
    private static void MigrateFile(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        using MemoryFile file = bench.Memory.CreateFile(BufferBytes);
        ulong address = bench.Map(flags: MapFlags.Private, file: file);
        bench.Fill(address);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address);
        bench.ExpectNumbers(address);
        byte[] read = new byte[BufferBytes];
        Expect((int)BufferBytes, file.Read(0, read), "pread");
        Expect(new byte[BufferBytes], read, "the file");
    }

    private static void MigrateFault(SelfTestBench bench)
    {
        Migrate(bench);
        ulong address = bench.Memory.GetMappings()[0].Range.Start;
        bench.ExpectNumbers(address, 0, BufferBytes / 2);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address);
        bench.ExpectNumbers(address);
    }

    private static void MigrateRelease(SelfTestBench bench)
    {
        Migrate(bench);
        ulong address = bench.Memory.GetMappings()[0].Range.Start;
        Expect(Errno.None, bench.Command(MirrorCommand.Release, address).Error, "Release");
        Expect(bench.Device0.Device.Memory.CapacityPages, bench.Device0.Device.Memory.FreePages, "free pages of the device");
        bench.ExpectNumbers(address);
    }

    private static void MigrateShared(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.Map(flags: MapFlags.Shared);
        Expect(Errno.NoEntry, bench.Command(MirrorCommand.MigrateToDevice, address).Error, "MigrateToDevice");
    }

    private static void MigrateMultiple(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        for (uint i = 0; i < 10; i++)
        {
            ulong address = bench.Map();
            bench.Fill(address, i);
            bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, i);
            Answer back = bench.Command(MirrorCommand.MigrateToSystem, address);
            Expect(Errno.None, back.Error, "MigrateToSystem");
            Expect(BufferPages, back.Block.PagesDone, "pages that came back");
            bench.ExpectNumbers(address, i);
            Expect(Errno.None, bench.Memory.Unmap(address, BufferBytes), "munmap");
        }
    }
}
