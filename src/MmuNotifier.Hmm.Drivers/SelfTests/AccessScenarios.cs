using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.Hmm.Drivers.SelfTests.SelfTestBench;

namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Reads and writes of a device.</summary>
internal static class AccessScenarios
{
    internal static IEnumerable<(string Name, Action<SelfTestBench> Run)> All =>
    [
        ("open_close", static _ => { }),
        ("anon_read", AnonRead),
        ("anon_read_prot", AnonReadProt),
        ("anon_write", AnonWrite),
        ("anon_write_prot", AnonWriteProt),
        ("anon_write_child", WriteAfterFork),
        ("anon_write_child_shared", WriteSharedAfterFork),
        ("anon_write_huge", AnonWriteHuge),
        ("anon_write_hugetlbfs", AnonWriteHugetlb),
        ("file_read", FileRead),
        ("file_write", FileWrite),
        ("anon_read_multiple", AnonReadMultiple),
        ("anon_teardown", AnonTeardown),
    ];

    private static void AnonRead(SelfTestBench bench)
    {
        ulong address = bench.Map();
        byte[] expected = Numbers(0, BufferBytes);
        bench.Fill(address);
        Expect(Errno.None, bench.Memory.Advise(address + (2 * Page), 2 * Page, Advice.DontNeed), "madvise");
        Expect(Errno.None, bench.Memory.Load(address + (2 * Page), new byte[1]), "the CPU's read");
        expected.AsSpan((int)(2 * Page), (int)(2 * Page)).Clear();
        Answer answer = bench.Command(MirrorCommand.Read, address);
        Expect(Errno.None, answer.Error, "Read");
        Expect(BufferPages, answer.Block.PagesDone, "pages");
        Expect(1UL, answer.Block.Faults, "faults");
        Expect(expected, answer.Bytes, "what the device reads");
    }

    private static void AnonReadProt(SelfTestBench bench)
    {
        ulong address = bench.Map();
        bench.Fill(address);
        Expect(Errno.None, bench.Memory.Protect(address, BufferBytes, Protection.None), "mprotect");
        Answer answer = bench.Command(MirrorCommand.Read, address);
        Expect(Errno.BadAddress, answer.Error, "Read");
        Expect(new byte[BufferBytes], answer.Bytes, "the buffer");
        Expect(Errno.None, bench.Memory.Protect(address, BufferBytes, Protection.Read | Protection.Write), "mprotect");
        bench.ExpectNumbers(address);
    }

    private static void AnonWrite(SelfTestBench bench)
    {
        ulong address = bench.Map();
        Answer answer = bench.Command(MirrorCommand.Write, address, BufferPages, Numbers(0, BufferBytes));
        Expect(Errno.None, answer.Error, "Write");
        Expect(1UL, answer.Block.Faults, "faults");
        bench.ExpectNumbers(address);
    }

    private static void AnonWriteProt(SelfTestBench bench)
    {
        ulong address = bench.Map(protection: Protection.Read);
        Expect(Errno.None, bench.Command(MirrorCommand.Read, address, 1).Error, "Read");
        Expect(Errno.NotPermitted, bench.Command(MirrorCommand.Write, address, bytes: Numbers(7, BufferBytes)).Error, "Write");
        byte[] read = new byte[BufferBytes];
        Expect(Errno.None, bench.Memory.Load(address, read), "the CPU's read");
        Expect(new byte[BufferBytes], read, "what the CPU reads");
        Expect(Errno.None, bench.Memory.Protect(address, BufferBytes, Protection.Read | Protection.Write), "mprotect");
        bench.DeviceWrite(address, 7);
        bench.ExpectNumbers(address, 7);
    }

    // Migrated before or not, huge or not. The child opens the device again; what it writes is its own.
    private static void WriteAfterFork(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.Fork);
        foreach (bool isMigrated in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (bool isHuge in (ReadOnlySpan<bool>)[false, true])
            {
                if (isMigrated)
                    bench.Need(MemoryFeature.PrivateMigration);
                ulong bytes = isHuge ? HugeBytes : BufferBytes;
                ulong address = isHuge ? bench.MapHuge() : bench.Map();
                bench.Fill(address, 100, bytes);
                if (isMigrated)
                    bench.ExpectDeviceNumbers(MirrorCommand.MigrateToDevice, address, 100, bytes / Page);
                WriteInChild(bench, address, bytes);
                bench.ExpectNumbers(address, 100, bytes);
                Expect(Errno.None, bench.Memory.Unmap(address, bytes), "munmap");
            }
        }
    }

    private static void WriteSharedAfterFork(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.Fork);
        ulong address = bench.Map(flags: MapFlags.Shared);
        bench.Fill(address, 100);
        WriteInChild(bench, address, BufferBytes);
        bench.ExpectNumbers(address);
    }

    private static void WriteInChild(SelfTestBench bench, ulong address, ulong bytes)
    {
        using VirtualMemory child = bench.Memory.Fork();
        ExpectNumbers(child, address, 100, bytes);
        using MirrorDeviceFile device = bench.Device0.Device.Open(child);
        Answer answer = bench.Command(MirrorCommand.Write, address, bytes / Page, Numbers(0, bytes), device);
        Expect(Errno.None, answer.Error, "Write");
        Expect(1UL, answer.Block.Faults, "faults");
        ExpectNumbers(child, address, 0, bytes);
    }

    private static void AnonWriteHuge(SelfTestBench bench)
    {
        ulong address = bench.MapHuge();
        bench.DeviceWrite(address, 0, HugeBytes / Page);
        bench.ExpectNumbers(address, 0, HugeBytes);
    }

    private static void AnonWriteHugetlb(SelfTestBench bench)
    {
        bench.Need(MemoryFeature.HugeTlb);
        ulong address = bench.Map(HugeBytes, flags: MapFlags.Private | MapFlags.HugeTlb);
        bench.DeviceWrite(address, 0, HugeBytes / Page);
        bench.ExpectNumbers(address, 0, HugeBytes);
    }

    private static void FileRead(SelfTestBench bench)
    {
        using MemoryFile file = bench.Memory.CreateFile(BufferBytes);
        Expect(Errno.None, file.Write(0, Numbers(0, BufferBytes)), "pwrite");
        ulong address = bench.Map(protection: Protection.Read, flags: MapFlags.Shared, file: file);
        bench.ExpectDeviceNumbers(MirrorCommand.Read, address);
    }

    private static void FileWrite(SelfTestBench bench)
    {
        using MemoryFile file = bench.Memory.CreateFile(BufferBytes);
        ulong address = bench.Map(flags: MapFlags.Shared, file: file);
        bench.DeviceWrite(address);
        bench.ExpectNumbers(address);
        byte[] read = new byte[BufferBytes];
        Expect((int)BufferBytes, file.Read(0, read), "pread");
        Expect(Numbers(0, BufferBytes), read, "the file");
    }

    private static void AnonReadMultiple(SelfTestBench bench)
    {
        for (uint i = 0; i < 10; i++)
        {
            ulong address = bench.Map();
            bench.Fill(address, i);
            bench.ExpectDeviceNumbers(MirrorCommand.Read, address, i);
            Expect(Errno.None, bench.Memory.Unmap(address, BufferBytes), "munmap");
        }
    }

    // While the device reads, half of the buffer goes: what it reads is right, or the read fails.
    private static void AnonTeardown(SelfTestBench bench)
    {
        for (uint i = 0; i < 10; i++)
        {
            ulong address = bench.Map();
            bench.Fill(address, i);
            var unmap = new Thread(() => bench.Memory.Unmap(address + (BufferBytes / 2), BufferBytes / 2));
            unmap.Start();
            Answer answer = bench.Command(MirrorCommand.Read, address);
            unmap.Join();
            if (answer.Error == Errno.None)
                Expect(Numbers(i, BufferBytes), answer.Bytes, "what the device reads");
            else
                Expect(Errno.BadAddress, answer.Error, "Read");
            bench.ExpectDeviceNumbers(MirrorCommand.Read, address, i, BufferPages / 2);
        }
    }
}
