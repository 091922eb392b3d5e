using MmuNotifier.Hmm;
using MmuNotifier.Simulation;

namespace MmuNotifier.Exploration.Scenarios.Mirroring;

/// <summary>
/// Two threads of the CPU touch one page of a device at once, one of them writing, while the device wants it back in the system too. One of
/// the three brings it back, and none keeps the others from ending; on a kernel, each touch could abort the migration of the other.
/// </summary>
internal sealed class TouchesOfOneDevicePage : Scenario
{
    private const ulong Page = MirroredMemory.PageBytes;

    private readonly SimulatedMemory _memory = NewMemory();
    private readonly DeviceMemory _device = NewDevice();

    public override void Check()
    {
        Span<byte> seen = stackalloc byte[1];
        Expect(_memory.Load(Page, seen));
        Explore.Assert(seen[0] == 11, $"The CPU reads {seen[0]} in the end, not the 11 that it wrote.");
        Explore.Assert(_device.FreePages == 1, "The device still has the page.");
        _memory.Dispose();
        _device.Dispose();
    }

    protected override IEnumerable<Action> Setup()
    {
        Expect(_memory.Map(Page, Page, Protection.Read | Protection.Write, MapFlags.Fixed | MapFlags.Private, out _));
        Expect(_memory.Store(Page, [7]));
        using (PageMigration migration = Collect(MigrateSelect.System))
        {
            _device.TryAllocate(out ulong frame);
            migration.Pages[0].DestinationFrame = frame;
            migration.Copy();
            Explore.Assert(migration.Finish() == 1, "The page did not move.");
        }

        return [Reader, Writer, Device];
    }

    private void Reader()
    {
        Span<byte> seen = stackalloc byte[1];
        Expect(_memory.Load(Page, seen));
        Explore.Assert(seen[0] is 7 or 11, $"The CPU reads {seen[0]}, neither 7 nor 11.");
    }

    private void Writer() => Expect(_memory.Store(Page, [11]));

    private void Device()
    {
        using PageMigration migration = Collect(MigrateSelect.DevicePrivate);
        migration.Pages[0].IsToSystem = migration.Pages[0].CanMove;
        migration.Copy();
        migration.Finish();
    }

    private PageMigration Collect(MigrateSelect select)
    {
        var migration = new PageMigration(_memory, AddressRange.FromLength(Page, Page), select, _device.Owner);
        Expect(migration.Collect());
        return migration;
    }

    private static SimulatedMemory NewMemory() =>
        new(new SimulatedMachine(new SimulatedMachineOptions { Frames = 1024, HugeTlbPages = 0, TransparentHugePages = false }));

    private static DeviceMemory NewDevice() => new(DeviceMemoryKind.Private, new object(), capacityPages: 1);

    private static void Expect(Errno error) => Explore.Assert(error == Errno.None, $"A step got {error}.");
}
