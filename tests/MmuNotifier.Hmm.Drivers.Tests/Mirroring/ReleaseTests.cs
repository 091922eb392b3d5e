using MmuNotifier.Hmm.Drivers.Mirroring;
using MmuNotifier.Hmm.Drivers.SelfTests;
using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Drivers.Tests.Mirroring;

/// <summary>What RELEASE costs, counted in migrations: it depends on the pages that the device has, not on files or mappings.</summary>
public class ReleaseTests
{
    private const ulong Page = MirroredMemory.PageBytes;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(8, 0)]
    [InlineData(1, 500)]
    [InlineData(8, 500)]
    public void Releasing_looks_at_the_pages_of_the_device_once(int opens, int otherMappings)
    {
        using var memory = new SimulatedMemory();
        using var device = new MirrorDevice(0, capacityPages: 2048);
        MirrorDeviceFile[] files = [.. Enumerable.Range(0, opens).Select(_ => device.Open(memory))];
        for (int i = 0; i < otherMappings; i++)
            memory.Map(0, Page, i % 2 == 0 ? Protection.Read : Protection.Read | Protection.Write, MapFlags.Private, out _);
        const ulong buffer = 1UL << 30;
        memory.Map(buffer, 1024 * Page, Protection.Read | Protection.Write, MapFlags.Private | MapFlags.Fixed, out _);
        Run(files[0], MirrorCommand.MigrateToDevice, buffer, 1024);
        Assert.Equal(1024, memory.FindDevicePages(device.Memory).Count);

        var migrations = new MigrationCounter();
        Assert.True(memory.Space.TryInsert(migrations, AddressRange.Whole));
        Run(files[^1], MirrorCommand.Release, buffer, 1);
        Assert.Equal(2048, device.Memory.FreePages);
        Assert.Empty(memory.FindDevicePages(device.Memory));
        Assert.Equal(2, migrations.Count); // a block of 2 MiB each
        foreach (MirrorDeviceFile file in files)
            file.Dispose();
    }

    private static void Run(MirrorDeviceFile file, MirrorCommand command, ulong address, ulong pages)
    {
        var block = new MirrorCommandBlock { Address = address, Pages = pages };
        Assert.Equal(Errno.None, file.Execute(command, ref block, new ArrayUserMemory(new byte[pages * Page])));
    }

    private sealed class MigrationCounter : IntervalNotifier
    {
        public int Count { get; private set; }

        protected override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            Count += invalidation.Event == InvalidationEvent.Migrate ? 1 : 0;
            return InvalidateResult.Done;
        }
    }
}
