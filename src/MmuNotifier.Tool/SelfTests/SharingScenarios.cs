using MmuNotifier.Hmm;
using static MmuNotifier.Tool.SelfTests.SelfTestBench;

namespace MmuNotifier.Tool.SelfTests;

/// <summary>Exclusive access, copy-on-write and large mappings.</summary>
internal static class SharingScenarios
{
    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("compound", Compound),
        ("exclusive", Exclusive),
        ("exclusive_mprotect", ExclusiveProtect),
        ("exclusive_cow", ExclusiveCopyOnWrite),
        ("hmm_cow_in_device", CopyOnWriteInDevice),
    ];

    private static void Compound(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.HugeTlb);
        ulong address = bench.Map(HugeBytes, flags: MapFlags.Private | MapFlags.HugeTlb);
        bench.Fill(address, 0, HugeBytes);
        ExpectAll(bench, address, HugeBytes / Page, MirrorSnapshot.Write | MirrorSnapshot.Pmd);
        Expect(Errno.None, bench.Memory.Protect(address, HugeBytes, Protection.Read), "mprotect");
        ExpectAll(bench, address, HugeBytes / Page, MirrorSnapshot.Read | MirrorSnapshot.Pmd);
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
        bench.Fill(address, 50);
        ExpectNumbers(child, address, 0, BufferBytes);
        bench.ExpectNumbers(address, 50);
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
        ExpectAll(bench, address, BufferPages, MirrorSnapshot.Write);
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
