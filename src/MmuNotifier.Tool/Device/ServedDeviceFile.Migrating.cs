using MmuNotifier.Hmm;

namespace MmuNotifier.Tool.Device;

/// <content>Migration, and exclusive access.</content>
internal sealed partial class ServedDeviceFile
{
    private Errno MigrateToDevice(AddressRange range, byte[] bytes)
    {
        foreach (AddressRange chunk in Chunks(range))
        {
            for (ulong start = chunk.Start; ;)
            {
                if (!_memory.TryFindMapping(start, out Mapping mapping) || mapping.Range.Start > start
                    || (mapping.Protection & Protection.Read) == 0)
                {
                    return Errno.InvalidArgument;
                }

                var part = new AddressRange(start, Math.Min(chunk.Last, mapping.Range.Last));
                Errno error = MoveToDevice(part);
                if (error != Errno.None)
                    return error;
                if (part.Last == chunk.Last)
                    break;
                start = part.Last + 1;
            }
        }

        return ReadBack(range, bytes);
    }

    private Errno MoveToDevice(AddressRange part)
    {
        using var migration = new PageMigration(_memory, part, MigrateSelect.System, Device);
        Errno error = migration.Collect();
        if (error != Errno.None)
            return error;
        foreach (ref MigratePage page in migration.Pages)
        {
            if (page.CanMove && !Interlocked.Exchange(ref _failsNextAllocation, false) && Device.Memory.TryAllocate(out ulong frame))
                page.DestinationFrame = frame;
        }

        ulong[] frames = new ulong[migration.Pages.Length];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = migration.Pages[i].DestinationFrame;
        migration.Copy();
        migration.Finish();
        using (_lock.Hold())
        {
            for (int i = 0; i < frames.Length; i++)
            {
                ref MigratePage page = ref migration.Pages[i];
                if (page.IsMoved)
                {
                    _table[page.Address] = (frames[i], page.IsWritable ? PageTag.Write : PageTag.Read);
                    _moved.Add(page.Address);
                }
                else if (frames[i] != 0)
                {
                    Device.Memory.Free(frames[i]);
                }
            }
        }

        return Errno.None;
    }

    // A page that has been taken back already is as one that has not moved.
    private Errno ReadBack(AddressRange range, byte[] bytes) =>
        Transfer(range, bytes, isWrite: false, out _) == Errno.None ? Errno.None : Errno.NoEntry;

    private Errno MigrateToSystem(AddressRange range, out ulong moved)
    {
        moved = 0;
        foreach (AddressRange chunk in Chunks(range))
        {
            ulong start = chunk.Start;
            while (_memory.TryFindMapping(start, out Mapping mapping) && mapping.Range.Start <= chunk.Last)
            {
                AddressRange part = mapping.Range.Intersect(new AddressRange(start, chunk.Last));
                moved += MoveToSystem(part);
                if (part.Last == chunk.Last)
                    break;
                start = part.Last + 1;
            }
        }

        return Errno.None;
    }

    private ulong MoveToSystem(AddressRange part)
    {
        using var migration = new PageMigration(_memory, part, MigrateSelect.DevicePrivate | MigrateSelect.DeviceCoherent, Device);
        if (migration.Collect() != Errno.None)
            return 0;
        using (_lock.Hold())
        {
            foreach (ref MigratePage page in migration.Pages)
            {
                _moved.Remove(page.Address);
                if (!page.CanMove)
                    continue;
                page.IsToSystem = true;
                _table.Remove(page.Address);
            }
        }

        migration.Copy();
        return (ulong)migration.Finish();
    }

    private Errno TakeExclusively(AddressRange range, byte[] bytes)
    {
        ulong[] frames = new ulong[PagesOf(range)];
        int at = 0;
        foreach (AddressRange chunk in Chunks(range))
        {
            Errno error = _memory.MakeExclusive(chunk, Device, frames.AsSpan(at, PagesOf(chunk)));
            if (error != Errno.None)
                return error;
            using (_lock.Hold())
            {
                for (int i = at; i < at + PagesOf(chunk); i++)
                {
                    if (frames[i] != 0)
                        _table[range.Start + ((ulong)i * MirroredMemory.PageBytes)] = (frames[i], PageTag.Atomic);
                }
            }

            at += PagesOf(chunk);
        }

        if (frames.Contains(0UL))
            return Errno.Busy;
        return ReadBack(range, bytes) == Errno.None ? Errno.None : Errno.Busy;
    }

    private Errno CheckExclusive(AddressRange range)
    {
        using (_lock.Hold())
        {
            foreach ((ulong address, (_, PageTag tag)) in _table)
            {
                if (tag == PageTag.Atomic && range.Contains(address))
                    return Errno.NotPermitted;
            }
        }

        return Errno.None;
    }
}
