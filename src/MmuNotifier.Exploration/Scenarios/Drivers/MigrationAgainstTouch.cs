using MmuNotifier.Hmm;

namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>A page migrates to the memory of another device while the CPU stores to it and this device reads it.</summary>
internal sealed class MigrationAgainstTouch(string driver) : DriverScenario(driver)
{
    private readonly DeviceMemory _remote = NewDevice();

    public override void Check()
    {
        base.Check();
        _remote.Dispose();
    }

    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        DeviceReads(2);
        return [Cpu, Migrator, Device];
    }

    private void Cpu() => Store(2, 20);

    private void Device() => DeviceReads(2);

    private void Migrator()
    {
        NamedStep.Note("another device: collects page 2");
        using var migration = new PageMigration(Memory, RangeOf(2, 1), MigrateSelect.System, _remote.Owner);
        if (migration.Collect() != Errno.None)
            return;
        ref MigratePage page = ref migration.Pages[0];
        if (page.CanMove && _remote.TryAllocate(out ulong frame))
            page.DestinationFrame = frame;
        NamedStep.Note("another device: copies page 2");
        migration.Copy();
        int moved = migration.Finish();
        NamedStep.Note($"another device: moved {moved} pages");
    }
}
