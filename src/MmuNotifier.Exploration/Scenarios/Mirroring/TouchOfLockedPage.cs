using MmuNotifier.Hmm;
using MmuNotifier.Simulation;

namespace MmuNotifier.Exploration.Scenarios.Mirroring;

/// <summary>
/// A page of a device comes back by a migration, which has it locked from Collect to Finish, while the CPU touches it. The touch waits for
/// the end; it does not ask again and again, which on a kernel took a processor for as long as the device copied.
/// </summary>
internal sealed class TouchOfLockedPage : Scenario
{
    private const ulong Page = MirroredMemory.PageBytes;

    // The first finds the page locked; the second is after the end of the migration.
    private const int MostRounds = 2;

    private readonly SimulatedMemory _memory = NewMemory();
    private readonly DeviceMemory _device = NewDevice();
    private int _roundsBefore;

    public override void Check()
    {
        Explore.Assert(
            _memory.TouchRounds - _roundsBefore <= MostRounds, $"The touch was tried {_memory.TouchRounds - _roundsBefore} times.");
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

        _roundsBefore = _memory.TouchRounds;
        return [Migrator, Cpu];
    }

    private void Migrator()
    {
        NamedStep.Note("the migration locks the page");
        using PageMigration migration = Collect(MigrateSelect.DevicePrivate);
        migration.Pages[0].IsToSystem = migration.Pages[0].CanMove;
        NamedStep.Note("the device copies");
        migration.Copy();
        migration.Finish();
    }

    private void Cpu()
    {
        Span<byte> seen = stackalloc byte[1];
        Expect(_memory.Load(Page, seen));
        Explore.Assert(seen[0] == 7, $"The CPU reads {seen[0]}, not 7.");
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
