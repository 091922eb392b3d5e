using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Migration to a device and back.</summary>
internal static class MigrationScenarios
{
    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("migrate", Migrate),
        ("migrate_file", MigrateFile),
        ("migrate_fault", MigrateFault),
        ("migrate_release", MigrateRelease),
        ("migrate_shared", MigrateShared),
        ("migrate_multiple", MigrateMultiple),
        ("migrate_anon_huge_empty", HugeEmpty),
        ("migrate_anon_huge_zero", HugeZero),
        ("migrate_anon_huge_free", HugeFree),
        ("migrate_anon_huge_fault", HugeFault),
        ("migrate_anon_huge_fail", HugeFail),
        ("migrate_partial_unmap_remap", PartialUnmapAndRemap),
        ("anon_read_userfaultfd", ReadUserfaultfd),
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

    private static void HugeEmpty(SelfTestBench bench)
    {
        ulong address = MapHugeToMigrate(bench);
        ExpectZerosMigrate(bench, address);
    }

    private static void HugeZero(SelfTestBench bench)
    {
        ulong address = MapHugeToMigrate(bench);
        Expect(Errno.None, bench.Memory.Load(address, new byte[1]), "the CPU's read");
        ExpectZerosMigrate(bench, address);
    }

    private static void HugeFree(SelfTestBench bench)
    {
        ulong address = MapHugeToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugeBytes / Page);
        Expect(Errno.None, bench.Memory.Advise(address, HugeBytes, Advice.Free), "madvise");
        byte[] read = new byte[HugeBytes];
        Expect(Errno.None, bench.Memory.Load(address, read), "the CPU's read"); // Freed or not yet: either is right, a signal is not.
    }

    private static void HugeFault(SelfTestBench bench)
    {
        ulong address = MapHugeToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugeBytes / Page);
        bench.ExpectNumbers(address, 0, HugeBytes);
    }

    private static void HugeFail(SelfTestBench bench)
    {
        ulong address = MapHugeToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        Expect(Errno.None, bench.Command(MirrorCommand.Flags, address, 1, new byte[1]).Error, "Flags");
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugeBytes / Page);
        bench.ExpectNumbers(address, 0, HugeBytes);
    }

    private static void PartialUnmapAndRemap(SelfTestBench bench)
    {
        ulong address = MapHugeToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugeBytes / Page);
        const ulong quarter = HugeBytes / 4;
        Expect(Errno.None, bench.Memory.Unmap(address + quarter, quarter), "munmap");
        Expect(Errno.BadAddress, bench.Command(MirrorCommand.Read, address + quarter, 1).Error, "Read of the hole");
        Expect(Errno.None, bench.Memory.Remap(address
            + (2 * quarter), quarter, quarter, RemapFlags.MayMove | RemapFlags.Fixed, out ulong moved, address + quarter), "mremap");
        Expect(address + quarter, moved, "where it is");
        bench.ExpectDeviceNumbers(MirrorCommand.Read, moved, (uint)(quarter * 2 / sizeof(uint)), quarter / Page);
        bench.ExpectNumbers(moved, (uint)(quarter * 2 / sizeof(uint)), quarter);
        bench.ExpectNumbers(address, 0, quarter);
    }

    // No page is there before the device reads it: what it reads, only the program's answers can have brought.
    private static void ReadUserfaultfd(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.Userfaultfd);
        ulong address = bench.Map();
        byte[] content = Numbers(3, BufferBytes);
        Expect(Errno.None, bench.Memory.AnswerMissing(address, BufferBytes,
            (place, page) => content.AsSpan((int)(place - address), page.Length).CopyTo(page)), "registration");
        bench.ExpectDeviceNumbers(MirrorCommand.Read, address, 3);
        bench.ExpectNumbers(address, 3);
    }

    private static ulong MapHugeToMigrate(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        return bench.MapHuge();
    }

    private static void ExpectZerosMigrate(SelfTestBench bench, ulong address)
    {
        Answer answer = bench.Command(MirrorCommand.MigrateToDevice, address, HugeBytes / Page);
        Expect(Errno.None, answer.Error, "MigrateToDevice");
        Expect(new byte[HugeBytes], answer.Bytes, "what the device reads");
        byte[] read = new byte[HugeBytes];
        Expect(Errno.None, bench.Memory.Load(address, read), "the CPU's read");
        Expect(new byte[HugeBytes], read, "what the CPU reads");
    }
}
