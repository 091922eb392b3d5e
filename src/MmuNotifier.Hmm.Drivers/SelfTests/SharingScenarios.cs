using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Exclusive access, copy-on-write and large mappings.</summary>
internal static class SharingScenarios
{
    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("mixedmap", MixedMap),
        ("compound", Compound),
        ("exclusive", Exclusive),
        ("exclusive_mprotect", ExclusiveProtect),
        ("exclusive_cow", ExclusiveCopyOnWrite),
        ("hmm_gup_test", GetUserPages),
        ("hmm_cow_in_device", CopyOnWriteInDevice),
    ];

    // A device's mmap gives zeroed pages that can only be read; so does a private mapping of a file of zeros.
    private static void MixedMap(SelfTestBench bench)
    {
        using MemoryFile pages = bench.Memory.CreateFile(Page);
        ulong address = bench.Map(Page, Protection.Read, MapFlags.Private, pages);
        Expect(Errno.None, bench.Memory.Load(address, new byte[Page]), "the CPU's read");
        ExpectAll(bench, address, 1, 0x01);
    }

    private static void Compound(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.HugeTlb);
        ulong address = bench.Map(HugeBytes, flags: MapFlags.Private | MapFlags.HugeTlb);
        bench.Fill(address, 0, HugeBytes);
        ExpectAll(bench, address, HugeBytes / Page, 0x06);
        Expect(Errno.None, bench.Memory.Protect(address, HugeBytes, Protection.Read), "mprotect");
        ExpectAll(bench, address, HugeBytes / Page, 0x05);
    }

    private static void Exclusive(SelfTestBench bench)
    {
        ulong address = Take(bench);
        bench.ExpectNumbers(address);
        Expect(Errno.None, bench.Command(MirrorCommand.CheckExclusive, address).Error, "CheckExclusive after the touch");
    }

    private static void ExclusiveProtect(SelfTestBench bench)
    {
        ulong address = Take(bench);
        Expect(Errno.None, bench.Memory.Protect(address, BufferBytes, Protection.Read), "mprotect");
        Expect(Errno.NotPermitted, bench.Command(MirrorCommand.Write, address, bytes: Numbers(1, BufferBytes)).Error, "Write");
    }

    private static void ExclusiveCopyOnWrite(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.Fork);
        ulong address = Take(bench);
        using VirtualMemory child = bench.Memory.Fork();
        ExpectNumbers(child, address, 0, BufferBytes);
        Expect(Errno.None, child.Store(address, Numbers(1, BufferBytes)), "the child's write");
        bench.ExpectNumbers(address);
        bench.Fill(address, 50);
        ExpectNumbers(child, address, 1, BufferBytes);
        bench.ExpectNumbers(address, 50);
    }

    // get_user_pages faults as the CPU does, so private device pages come back; coherent ones may stay.
    private static void GetUserPages(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        ulong address = bench.Map();
        bench.Fill(address);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address);
        Expect(Errno.None, bench.Memory.FaultIn(address, isWrite: false), "fault for reading");
        Expect(Errno.None, bench.Memory.FaultIn(address + Page, isWrite: true), "fault for writing");
        byte deviceLocal = bench.IsCoherent ? (byte)0x40 : (byte)0;
        Expect(new byte[] { (byte)(0x02 | deviceLocal), (byte)(0x02 | deviceLocal) }, bench.Snapshot(address, 2), "snapshot");
        bench.ExpectNumbers(address);
    }

    private static void CopyOnWriteInDevice(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.PrivateMigration);
        bench.Need(MemoryFeature.Fork);
        ulong address = bench.Map();
        bench.Fill(address);
        bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address);
        using VirtualMemory child = bench.Memory.Fork();
        bench.Fill(address, 9);
        ExpectAll(bench, address, BufferPages, 0x02);
        ExpectNumbers(child, address, 0, BufferBytes);
    }

    private static ulong Take(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.Exclusive);
        ulong address = bench.Map();
        bench.Fill(address);
        bench.ExpectDeviceNumbers(MirrorCommand.Exclusive, address);
        Expect(Errno.NotPermitted, bench.Command(MirrorCommand.CheckExclusive, address).Error, "CheckExclusive");
        return address;
    }

    private static void ExpectAll(SelfTestBench bench, ulong address, ulong pages, byte seen)
    {
        byte[] expected = new byte[pages];
        expected.AsSpan().Fill(seen);
        Expect(expected, bench.Snapshot(address, pages), "snapshot");
    }
}
