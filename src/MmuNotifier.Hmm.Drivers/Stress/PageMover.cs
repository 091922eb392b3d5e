namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// Another device on the same address space, which takes pages into its private or coherent memory and gives them back, or takes them for
/// its atomics. It changes no value, so the oracle need not know. Changes and accesses run against it; callable from any thread.
/// </summary>
internal sealed class PageMover(StressArena arena) : IDisposable
{
    private readonly DeviceMemory _private = new(DeviceMemoryKind.Private, arena, 8 * arena.Pages);
    private readonly DeviceMemory _coherent = new(DeviceMemoryKind.Coherent, arena, 8 * arena.Pages);

    /// <summary>Dispose it when the arena is unmapped.</summary>
    public void Dispose()
    {
        _private.Dispose();
        _coherent.Dispose();
    }

    /// <summary>Moves some pages to the device, or those of the device back, or takes some for its atomics.</summary>
    /// <returns>Which pages of the arena the device has got.</returns>
    public List<int> Move(Random random)
    {
        int first = random.Next(2 * arena.Pages);
        AddressRange range = AddressRange.FromLength(
            arena.AddressOf(first), StressArena.Bytes(Math.Min(1 + random.Next(4), (2 * arena.Pages) - first)));

        // Within one mapping, or it is refused; it may have changed since, and then it is refused.
        if (!arena.Memory.TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Overlaps(range))
            return [];
        range = mapping.Range.Intersect(range);
        return random.Next(8) switch
        {
            0 => GiveBack(range, MigrateSelect.DevicePrivate),
            1 => GiveBack(range, MigrateSelect.DeviceCoherent),
            2 or 3 => TakeExclusively(range),
            4 or 5 => MoveTo(_coherent, range),
            _ => MoveTo(_private, range),
        };
    }

    private List<int> MoveTo(DeviceMemory device, AddressRange range)
    {
        using var migration = new PageMigration(arena.Memory, range, MigrateSelect.System, device.Owner);
        if (migration.Collect() != Errno.None)
            return [];
        foreach (ref MigratePage page in migration.Pages)
        {
            if (page.CanMove && device.TryAllocate(out ulong frame))
                page.DestinationFrame = frame;
        }

        migration.Copy();
        migration.Finish();
        List<int> moved = [];
        foreach (ref readonly MigratePage page in migration.Pages)
        {
            if (page.IsMoved)
                moved.Add(arena.PageOf(page.Address));
        }

        return moved;
    }

    private List<int> GiveBack(AddressRange range, MigrateSelect select)
    {
        using var migration = new PageMigration(arena.Memory, range, select, arena);
        if (migration.Collect() != Errno.None)
            return [];
        foreach (ref MigratePage page in migration.Pages)
            page.IsToSystem = page.CanMove;
        migration.Copy();
        migration.Finish();
        return [];
    }

    private List<int> TakeExclusively(AddressRange range)
    {
        ulong[] frames = new ulong[(int)((range.Last - range.Start + 1) / MirroredMemory.PageBytes)];
        if (arena.Memory.MakeExclusive(range, arena, frames) != Errno.None)
            return [];
        int first = arena.PageOf(range.Start);
        return [.. Enumerable.Range(0, frames.Length).Where(page => frames[page] != 0).Select(page => first + page)];
    }
}
