namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// Another device on the same address space, which takes pages into its private memory and gives them back. No value changes by it, so the
/// oracle is told nothing. Changes and accesses run against it; callable from any thread.
/// </summary>
internal sealed class PageMover(StressArena arena) : IDisposable
{
    private readonly DeviceMemory _device = new(DeviceMemoryKind.Private, arena, 8 * arena.Pages);

    /// <summary>Dispose it when the arena is unmapped.</summary>
    public void Dispose() => _device.Dispose();

    /// <summary>Moves some pages to the device, or those of the device back.</summary>
    /// <returns>Which pages of the arena have moved to the device.</returns>
    public List<int> Move(Random random)
    {
        int first = random.Next(2 * arena.Pages);
        AddressRange range = AddressRange.FromLength(arena.AddressOf(first), StressArena.Bytes(Math.Min(1 + random.Next(4), (2 * arena.Pages) - first)));

        // Within one mapping, or it is refused; it may have changed since, and then it is refused.
        if (!arena.Memory.TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Overlaps(range))
            return [];
        bool isBack = random.Next(4) == 0;
        MigrateSelect select = isBack ? MigrateSelect.DevicePrivate : MigrateSelect.System;
        using var migration = new PageMigration(arena.Memory, mapping.Range.Intersect(range), select, _device.Owner);
        if (migration.Collect() != Errno.None)
            return [];
        foreach (ref MigratePage page in migration.Pages)
        {
            if (page.CanMove && isBack)
                page.IsToSystem = true;
            else if (page.CanMove && _device.TryAllocate(out ulong frame))
                page.DestinationFrame = frame;
        }

        ulong[] frames = new ulong[isBack ? 0 : migration.Pages.Length];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = migration.Pages[i].DestinationFrame;
        migration.Copy();
        migration.Finish();
        List<int> moved = [];
        for (int i = 0; i < frames.Length; i++)
        {
            if (migration.Pages[i].IsMoved)
                moved.Add(arena.PageOf(migration.Pages[i].Address));
            else if (frames[i] != 0)
                _device.Free(frames[i]);
        }

        return moved;
    }
}
