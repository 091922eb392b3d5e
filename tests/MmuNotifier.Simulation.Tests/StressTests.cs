using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.Simulation.Tests;

/// <summary>Threads change one address space at random; afterwards every frame must have come back, and no freed one been used.</summary>
public sealed class StressTests
{
    private const ulong Page = 4096;
    private const ulong At = 0x4000_0000_0000;
    private const int Pages = 1536;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_frame_comes_back(int seed)
    {
        var machine = new SimulatedMachine(new SimulatedMachineOptions { Frames = 8192, HugeTlbPages = 2 });
        int freeFrames = machine.FreeFrames;
        using var device = new DeviceMemory(DeviceMemoryKind.Private, new object(), 2048);
        using (var memory = new SimulatedMemory(machine))
        {
            using MemoryFile file = memory.CreateFile(64 * Page);
            Exception? failure = null;
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(number => new Thread(() =>
            {
                try
                {
                    Run(memory, file, device, new Random((seed * 10) + number));
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Assert.All(threads, thread => Assert.True(thread.Join(Patience.Limit)));
            Assert.Null(failure);
        }

        Assert.Equal(freeFrames, machine.FreeFrames);
        Assert.Equal(device.CapacityPages, device.FreePages);
        Assert.Equal(0, machine.StaleFrameAccesses);
    }

    private static void Run(SimulatedMemory memory, MemoryFile file, DeviceMemory device, Random random)
    {
        for (int i = 0; i < 2000; i++)
        {
            ulong place = At + ((ulong)random.Next(Pages) * Page);
            ulong length = (ulong)random.Next(1, random.Next(4) == 0 ? 1024 : 24) * Page;
            switch (random.Next(20))
            {
                case 0:
                    memory.Map(place, length, ReadWrite, MapFlags.Private | MapFlags.Fixed, out _);
                    break;
                case 1:
                    MapFlags kind = random.Next(2) == 0 ? MapFlags.Private : MapFlags.Shared;
                    memory.Map(place, length, ReadWrite, MapFlags.Fixed | kind, out _, file);
                    break;
                case 2:
                    memory.Unmap(place, length);
                    break;
                case 3:
                    memory.Protect(place, length, random.Next(2) == 0 ? Protection.Read : ReadWrite);
                    break;
                case 4:
                    memory.Advise(place, length, random.Next(2) == 0 ? Advice.DontNeed : Advice.Free);
                    break;
                case 5:
                    memory.Advise(place, 1024 * Page, Advice.HugePage);
                    memory.Advise(PageTable.BlockOf(place), PageTable.HugeBytes, Advice.Collapse);
                    break;
                case 6:
                    ulong target = At + ((ulong)random.Next(Pages) * Page);
                    memory.Remap(place, length, length, RemapFlags.MayMove | RemapFlags.Fixed, out _, target);
                    break;
                case 7:
                    file.Truncate((ulong)random.Next(1, 64) * 3000);
                    break;
                case 8:
                    file.PunchHole((ulong)random.Next(60000), (ulong)random.Next(1, 60000));
                    break;
                case 9:
                    using (VirtualMemory child = memory.Fork())
                        child.Store(place, new byte[Math.Min(length, 3 * Page)]);
                    break;
                case 10 or (>= 14 and < 18):
                    Migrate(memory, device, place, Math.Min(length, 600 * Page), random);
                    break;
                case 11:
                    memory.MakeExclusive(PageRange(place, 4), device.Owner, new ulong[4]);
                    break;
                case 12:
                    memory.ReclaimLazilyFreed();
                    break;
                default:
                    memory.Store(place, new byte[Math.Min(length, 40 * Page)]);
                    memory.Load(place, new byte[Math.Min(length, 40 * Page)]);
                    break;
            }
        }
    }

    private static void Migrate(SimulatedMemory memory, DeviceMemory device, ulong place, ulong length, Random random)
    {
        // Within one mapping, or nearly all would be refused.
        if (!memory.TryFindMapping(place, out Mapping mapping))
            return;
        place = Math.Max(place, mapping.Range.Start);
        length = Math.Min(length, mapping.Range.Last - place + 1);
        bool isBack = random.Next(2) == 0;
        MigrateSelect select = isBack ? MigrateSelect.DevicePrivate : MigrateSelect.System;
        using var migration = new PageMigration(memory, AddressRange.FromLength(place, length), select, device.Owner);
        if (migration.Collect() != Errno.None)
            return;
        for (int i = 0; i < migration.Pages.Length; i++)
        {
            ref MigratePage page = ref migration.Pages[i];
            if (!page.CanMove || page.DestinationFrame != 0 || random.Next(16) == 0)
                continue;
            if (isBack)
            {
                page.IsToSystem = true;
            }
            else if (page.Order == 9 && device.TryAllocateBlock(9, out ulong block))
            {
                for (int k = 0; k < 512; k++)
                    migration.Pages[i + k].DestinationFrame = block + (ulong)k;
            }
            else if (device.TryAllocate(out ulong frame))
            {
                page.DestinationFrame = frame;
            }
        }

        migration.Copy();
        migration.Finish();
    }
}
