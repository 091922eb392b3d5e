using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Migration of huge pages, and of memory of which a part is unmapped or moved.</summary>
internal static class HugePageScenarios
{
    private const ulong HugePages = HugeBytes / Page;
    private const byte Whole = MirrorSnapshot.PrivateLocal | MirrorSnapshot.Write | MirrorSnapshot.Pmd;

    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("migrate_anon_huge_empty", Empty),
        ("migrate_anon_huge_zero", Zero),
        ("migrate_anon_huge_free", Free),
        ("migrate_anon_huge_fault", Fault),
        ("migrate_partial_unmap_fault", PartialUnmap),
        ("migrate_remap_fault", Remap),
        ("migrate_anon_huge_err", AllocationFails),
        ("migrate_anon_huge_zero_err", AllocationForZerosFails),
        (MigrationBenchmark.Name, MigrationBenchmark.Run),
        ("userfaultfd_read", ReadUserfaultfd),
    ];

    private static void Empty(SelfTestBench bench) => ExpectZerosMigrate(bench, MapToMigrate(bench, Protection.Read));

    private static void Zero(SelfTestBench bench)
    {
        ulong address = MapToMigrate(bench, Protection.Read);
        Expect(Errno.None, bench.Memory.Load(address, new byte[1]), "the CPU's read");
        ExpectZerosMigrate(bench, address);
    }

    private static void Free(SelfTestBench bench)
    {
        ulong address = MapToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugePages);
        Expect(Errno.None, bench.Memory.Advise(address, HugeBytes, Advice.Free), "madvise");
        byte[] read = new byte[HugeBytes];
        Expect(Errno.None, bench.Memory.Load(address, read), "the CPU's read"); // Freed or not yet: either is right, a signal is not.
    }

    private static void Fault(SelfTestBench bench)
    {
        ulong address = MapToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        Expect(Errno.None, bench.Memory.Advise(address, HugeBytes, Advice.Collapse), "madvise");
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugePages);
        if (!bench.IsCoherent)
            ExpectAll(Whole, bench.Snapshot(address, HugePages));
        bench.ExpectNumbers(address, 0, HugeBytes);
    }

    private static void PartialUnmap(SelfTestBench bench)
    {
        foreach (Advice advice in Sizes(bench))
        {
            foreach (ulong offset in Offsets)
            {
                ulong address = MapToMigrate(bench, advice: advice);
                bench.Fill(address, 0, HugeBytes);
                bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugePages);
                Expect(Errno.None, bench.Memory.Unmap(address + offset, HugeBytes / 2), "munmap");
                bench.ExpectNumbers(address, 0, offset);
                ulong rest = offset + (HugeBytes / 2);
                bench.ExpectNumbers(address + rest, NumberAt(rest), HugeBytes - rest);
                Expect(Errno.None, bench.Memory.Unmap(address, HugeBytes), "munmap");
            }
        }
    }

    // Moved before or after the migration; the old mapping goes or stays; huge or small; to a place for huge pages or not.
    private static void Remap(SelfTestBench bench)
    {
        foreach (bool isBefore in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (RemapFlags keep in (ReadOnlySpan<RemapFlags>)[RemapFlags.None, RemapFlags.DontUnmap])
            {
                foreach (Advice advice in Sizes(bench))
                {
                    foreach (ulong offset in Offsets)
                        RemapOnce(bench, isBefore, keep, advice, offset);
                }
            }
        }
    }

    private static void RemapOnce(SelfTestBench bench, bool isBefore, RemapFlags keep, Advice advice, ulong offset)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.MapAligned(3 * HugeBytes);
        Expect(Errno.None, bench.Memory.Advise(address, HugeBytes, advice), "madvise");
        ulong target = address + HugeBytes + offset;
        Expect(Errno.None, bench.Memory.Unmap(address + HugeBytes, 2 * HugeBytes), "munmap");
        bench.Fill(address, 0, HugeBytes);
        ulong place = address;
        if (isBefore)
            place = Move(bench, address, target, keep);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, place, 0, HugePages);
        if (!isBefore)
            place = Move(bench, address, target, keep);
        bench.ExpectNumbers(place, 0, HugeBytes);
        if (keep == RemapFlags.DontUnmap)
        {
            byte[] left = new byte[HugeBytes];
            Expect(Errno.None, bench.Memory.Load(address, left), "the CPU's read of what stayed");
            Expect(new byte[HugeBytes], left, "what stayed");
        }

        Expect(Errno.None, bench.Memory.Unmap(address, 3 * HugeBytes), "munmap");
    }

    private static ulong Move(SelfTestBench bench, ulong from, ulong to, RemapFlags keep)
    {
        RemapFlags flags = RemapFlags.MayMove | RemapFlags.Fixed | keep;
        Expect(Errno.None, bench.Memory.Remap(from, HugeBytes, HugeBytes, flags, out ulong moved, to), "mremap");
        Expect(to, moved, "where it is");
        return moved;
    }

    // The device has no huge page: all come across in small ones. Then the system has none.
    private static void AllocationFails(SelfTestBench bench)
    {
        ulong address = MapToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        FailNextAllocation(bench, address);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugePages);
        if (!bench.IsCoherent)
            ExpectAll(MirrorSnapshot.PrivateLocal | MirrorSnapshot.Write, bench.Snapshot(address, HugePages));
        bench.ExpectNumbers(address + (2 * Page), NumberAt(2 * Page), Page);
        Expect(Errno.None, bench.Memory.Unmap(address, HugeBytes), "munmap");

        address = MapToMigrate(bench);
        bench.Fill(address, 0, HugeBytes);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 0, HugePages);
        FailNextAllocation(bench, address);
        Answer back = bench.Command(MirrorCommand.MigrateToSystem, address, HugePages);
        Expect(Errno.None, back.Error, "MigrateToSystem");
        Expect(HugePages, back.Block.PagesDone, "pages that came back");
        bench.ExpectNumbers(address, 0, HugeBytes);
    }

    private static void AllocationForZerosFails(SelfTestBench bench)
    {
        ulong address = MapToMigrate(bench, Protection.Read);
        FailNextAllocation(bench, address);
        ExpectZerosMigrate(bench, address);
        Expect(Errno.None, bench.Memory.Unmap(address, HugeBytes), "munmap");
        address = MapToMigrate(bench, Protection.Read);
        Expect(Errno.None, bench.Memory.Load(address, new byte[1]), "the CPU's read");
        FailNextAllocation(bench, address);
        ExpectZerosMigrate(bench, address);
    }

    // No page is there before the device reads it: what it reads, only the program's answers can have brought.
    private static void ReadUserfaultfd(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.Userfaultfd);
        ulong address = bench.Map();
        byte[] content = Numbers(3, BufferBytes);
        Expect(Errno.None, bench.Memory.AnswerMissing(address, BufferBytes,
            (place, page) => content.AsSpan((int)(place - address), page.Length).CopyTo(page)), "registration");
        bench.ExpectDeviceNumbers(MirrorCommand.ReadUnlocked, address, 3);
        bench.ExpectNumbers(address, 3);
    }

    private static ReadOnlySpan<ulong> Offsets => [0, HugeBytes / 4, HugeBytes / 2];

    private static ReadOnlySpan<Advice> Sizes(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.TransparentHugePages);
        return [Advice.NoHugePage, Advice.HugePage];
    }

    private static ulong MapToMigrate(
        SelfTestBench bench, Protection protection = Protection.Read | Protection.Write, Advice advice = Advice.HugePage)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        bench.Need(MemoryFeature.TransparentHugePages);
        ulong address = bench.MapAligned(HugeBytes, protection);
        Expect(Errno.None, bench.Memory.Advise(address, HugeBytes, advice), "madvise");
        return address;
    }

    private static uint NumberAt(ulong offset) => (uint)(offset / sizeof(uint));

    private static void FailNextAllocation(SelfTestBench bench, ulong address) =>
        Expect(Errno.None, bench.Command(MirrorCommand.Flags, address, 1, new byte[1]).Error, "Flags");

    private static void ExpectAll(byte expected, byte[] seen)
    {
        byte[] all = new byte[seen.Length];
        all.AsSpan().Fill(expected);
        Expect(all, seen, "snapshot");
    }

    private static void ExpectZerosMigrate(SelfTestBench bench, ulong address)
    {
        Answer answer = bench.Command(MirrorCommand.MigrateToDevice, address, HugePages);
        Expect(Errno.None, answer.Error, "MigrateToDevice");
        Expect(HugePages, answer.Block.PagesDone, "pages of MigrateToDevice");
        Expect(new byte[HugeBytes], answer.Bytes, "what the device reads");
        byte[] read = new byte[HugeBytes];
        Expect(Errno.None, bench.Memory.Load(address, read), "the CPU's read");
        Expect(new byte[HugeBytes], read, "what the CPU reads");
    }
}
