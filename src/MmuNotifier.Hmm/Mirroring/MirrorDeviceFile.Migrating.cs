namespace MmuNotifier.Hmm;

/// <content>Migration, and exclusive access.</content>
public sealed partial class MirrorDeviceFile
{
    private Errno MigrateToDevice(AddressRange range, byte[] bytes)
    {
        for (ulong start = range.Start; ;)
        {
            if (!_memory.TryFindMapping(start, out Mapping mapping) || mapping.Range.Start > start || (mapping.Protection & Protection.Read) == 0)
                return Errno.InvalidArgument;
            AddressRange part = FirstMigration(start, Math.Min(range.Last, mapping.Range.Last));
            Errno error = MoveToDevice(part);
            if (error != Errno.None)
                return error;
            if (part.Last == range.Last)
                break;
            start = part.Last + 1;
        }

        return TryTransfer(range, bytes, isWrite: false, out _) ? Errno.None : Errno.NoEntry;
    }

    private Errno MoveToDevice(AddressRange part)
    {
        using (var migration = new PageMigration(_memory, part, MigrateSelect.System, Device))
        {
            Errno error = migration.Collect();
            if (error != Errno.None)
                return error;
            ulong[] frames = NameDestinations(migration.Pages);
            migration.Copy();
            migration.Finish();
            for (int i = 0; i < frames.Length; i++)
            {
                if (frames[i] != 0 && !migration.Pages[i].IsMoved)
                    Device.Memory.Free(frames[i]);
            }
        }

        return NoteOwnPages(part);
    }

    private ulong[] NameDestinations(Span<MigratePage> pages)
    {
        const int hugePages = 1 << MirrorDevice.HugeOrder;
        var frames = new ulong[pages.Length];
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i].Order == MirrorDevice.HugeOrder && TryAllocate(MirrorDevice.HugeOrder, out ulong first))
            {
                for (int j = 0; j < hugePages; j++)
                    pages[i + j].DestinationFrame = frames[i + j] = first + (ulong)j;
                i += hugePages - 1;
            }
            else if (pages[i].CanMove && TryAllocate(order: 0, out ulong frame))
            {
                pages[i].DestinationFrame = frames[i] = frame;
            }
        }

        return frames;
    }

    private bool TryAllocate(int order, out ulong frame)
    {
        frame = 0;
        if (Interlocked.Exchange(ref _failsNextAllocation, false))
            return false;
        return order == 0 ? Device.Memory.TryAllocate(out frame) : Device.Memory.TryAllocateBlock(order, out frame);
    }

    /// <summary>
    /// Takes the pages that the device has now into its table, in a read section: the CPU may have taken some back since they moved.
    /// </summary>
    private Errno NoteOwnPages(AddressRange part)
    {
        var entries = new HmmEntry[PagesOf(part)];
        long end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
        ulong start = part.Start;
        while (Environment.TickCount64 <= end)
        {
            if (NotifierOver(start) is not { } notifier)
                return Errno.None;
            AddressRange covered = notifier.Range;
            if (!covered.Contains(start))
                continue;
            var chunk = new AddressRange(start, Math.Min(part.Last, covered.Last));
            ReadSection section = notifier.ReadBegin(chunk);
            if (section.Status == ReadStatus.Exited)
                return Errno.BadAddress;
            Span<HmmEntry> found = entries.AsSpan(0, PagesOf(chunk));
            if (section.Status != ReadStatus.Open || HmmRange.Snapshot(_memory, section, chunk, found, Device) != Errno.None
                || !TryCommit(section, chunk, found, onlyOwnFrames: true))
                continue;
            if (chunk.Last == part.Last)
                return Errno.None;
            start = chunk.Last + 1;
        }

        return Errno.Busy;
    }

    private Errno MigrateToSystem(AddressRange range, out ulong moved)
    {
        moved = 0;
        ulong start = range.Start;
        while (_memory.TryFindMapping(start, out Mapping mapping) && mapping.Range.Start <= range.Last)
        {
            AddressRange part = FirstMigration(Math.Max(start, mapping.Range.Start), Math.Min(range.Last, mapping.Range.Last));
            moved += MoveToSystem(part);
            if (part.Last == range.Last)
                break;
            start = part.Last + 1;
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
        for (ulong start = range.Start; at < frames.Length; start = range.Start + ((ulong)at * MirroredMemory.PageBytes))
        {
            AddressRange chunk = FirstChunk(start, range.Last);
            Span<ulong> taken = frames.AsSpan(at, PagesOf(chunk));
            if (NotifierOver(start) is null)
                return Errno.BadAddress;
            Errno error = _memory.MakeExclusive(chunk, Device, taken);
            if (error != Errno.None)
                return error;
            using (_lock.Hold())
            {
                for (int i = 0; i < taken.Length; i++)
                {
                    if (taken[i] != 0)
                        _table[chunk.Start + ((ulong)i * MirroredMemory.PageBytes)] = (taken[i], PageTag.Atomic);
                }
            }

            at += taken.Length;
        }

        if (frames.Contains(0UL))
            return Errno.Busy;
        return TryTransfer(range, bytes, isWrite: false, out _) ? Errno.None : Errno.Busy;
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

    /// <summary>A huge page at a time where one may be, else 64 pages.</summary>
    private static AddressRange FirstMigration(ulong start, ulong last)
    {
        const ulong hugeBytes = (1UL << MirrorDevice.HugeOrder) * MirroredMemory.PageBytes;
        if (start % hugeBytes == 0 && last - start >= hugeBytes - 1)
            return AddressRange.FromLength(start, hugeBytes);
        ulong blockLast = (start & ~(hugeBytes - 1)) + hugeBytes - 1;
        return FirstChunk(start, Math.Min(last, blockLast));
    }
}
