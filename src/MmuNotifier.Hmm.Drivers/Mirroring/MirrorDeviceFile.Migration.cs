namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <content>Moves pages to the device and back (<c>dmirror_migrate_to_device</c>, <c>dmirror_migrate_to_system</c>).</content>
public sealed partial class MirrorDeviceFile
{
    private const int HugeOrder = 9;
    private const ulong HugePages = 1UL << HugeOrder;

    private Errno MigrateToDevice(AddressRange range, ref MirrorCommandBlock result, IUserMemory user)
    {
        if (result.Pages > MaxPages)
            return Errno.NoMemory;
        ulong start = range.Start;
        while (true)
        {
            bool isReadable = Memory.TryFindMapping(start, out Mapping mapping) && mapping.Range.Start <= start
                && (mapping.Protection & Protection.Read) != 0;
            if (!isReadable)
                return Errno.InvalidArgument;
            ulong last = Math.Min(range.Last, mapping.Range.Last);
            AddressRange part = Chunk(start, last, MovesWhole(start, last) ? HugePages : ChunkPages);
            Errno error = MoveToDevice(part);
            if (error != Errno.None)
                return error;
            if (part.Last == range.Last)
                break;
            start = part.Last + 1;
        }

        return ReadBack(range, ref result, user);
    }

    // A huge mapping moves as one, where the range has all of it.
    private bool MovesWhole(ulong start, ulong last)
    {
        const ulong hugeBytes = HugePages * MirroredMemory.PageBytes;
        if (start % hugeBytes != 0 || last - start < hugeBytes - 1)
            return false;
        Span<PageEntry> first = stackalloc PageEntry[1];
        return Memory.GetPages(PageAt(start), first) == Errno.None && first[0].Order == HugeOrder;
    }

    private Errno MoveToDevice(AddressRange part)
    {
        using var migration = new PageMigration(Memory, part, MigrateSelect.System, Device);
        Errno error = migration.Collect();
        if (error != Errno.None)
            return error;
        NameDestinations(migration.Pages);
        EraseMoving(migration.Pages);
        migration.Copy();
        migration.Finish();
        ulong[] frames = new ulong[migration.Pages.Length];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = migration.Pages[i].DestinationFrame;
        CommitTaken(part, frames, isExclusive: false);
        return Errno.None;
    }

    private void NameDestinations(Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            if (!pages[i].CanMove)
                continue;
            if (pages[i].Order == HugeOrder && Device.TryAllocateBlock(HugeOrder, out ulong block))
            {
                for (int j = 0; j < (int)HugePages; j++)
                    pages[i + j].DestinationFrame = block + (ulong)j;
                i += (int)HugePages - 1;
            }
            else if (Device.TryAllocate(out ulong frame))
            {
                pages[i].DestinationFrame = frame;
            }
        }
    }

    // The notifiers leave this to the thread that migrates. Before the copy, so that no write of a device is lost.
    private void EraseMoving(Span<MigratePage> pages)
    {
        foreach (ref readonly MigratePage page in pages)
        {
            if (page.CanMove && page.HasDestination)
                Device.Forget(Memory, PageAt(page.Address));
        }
    }

    /// <summary>
    /// Puts those pages into the table that are still with the device. A page may have been taken back since, so each is looked at again in
    /// a read section; one that cannot be had stays a gap.
    /// </summary>
    private void CommitTaken(AddressRange part, ulong[] frames, bool isExclusive)
    {
        var pages = new PageEntry[frames.Length];
        long end = Deadline();
        do
        {
            if (!TryGetNotifier(part.Start, out AddressRange covered, out MirrorNotifier? notifier))
                return;
            AddressRange seen = part.Intersect(covered);
            ReadSection section = notifier.ReadBegin(seen);
            if (section.Status == ReadStatus.Removed)
                ForgetNotifier(notifier);
            if (section.Status != ReadStatus.Open)
                continue;
            Span<PageEntry> found = pages.AsSpan(0, PagesOf(seen));
            // What cannot be looked at stays a gap: the device faults it in again.
            if (Memory.GetPages(seen, found) != Errno.None)
                return;
            if (!TryCommitTaken(section, seen, frames, found, isExclusive))
                continue;
            if (seen.Last == part.Last)
                return;
            frames = frames[found.Length..];
            part = new AddressRange(seen.Last + 1, part.Last);
        }
        while (!IsOver(end));
    }

    private bool TryCommitTaken(in ReadSection section, AddressRange range, ulong[] frames, Span<PageEntry> found, bool isExclusive)
    {
        using (_lock.Hold())
        {
            if (section.MustRetry)
                return false;
            for (int i = 0; i < found.Length; i++)
            {
                bool isExclusiveNow = found[i].State == PageState.DeviceExclusive;
                if (frames[i] == 0 || found[i].Frame != frames[i] || isExclusiveNow != isExclusive)
                    continue;
                MirrorPageTag tag = isExclusive ? MirrorPageTag.Atomic : found[i].IsWritable ? MirrorPageTag.Write : MirrorPageTag.Read;
                _table.Set(range.Start + ((ulong)i * MirroredMemory.PageBytes), frames[i], tag);
            }

            return true;
        }
    }

    private Errno ReadBack(AddressRange range, ref MirrorCommandBlock result, IUserMemory user)
    {
        byte[] bytes = new byte[result.Pages * MirroredMemory.PageBytes];
        int done = 0;
        if (!Transfer(range, bytes, isWrite: false, ref done))
            return Errno.NoEntry;
        result.PagesDone = result.Pages;
        return user.Write(result.UserAddress, bytes);
    }

    private Errno MigrateToSystem(AddressRange range, ref MirrorCommandBlock result)
    {
        ulong start = range.Start;
        while (Memory.TryFindMapping(start, out Mapping mapping) && mapping.Range.Start <= range.Last)
        {
            start = Math.Max(start, mapping.Range.Start);
            ulong last = Math.Min(range.Last, mapping.Range.Last);
            AddressRange part = Chunk(start, last, MovesWhole(start, last) ? HugePages : ChunkPages);
            result.PagesDone += MoveToSystem(part);
            if (part.Last == range.Last)
                break;
            start = part.Last + 1;
        }

        return Errno.None;
    }

    private ulong MoveToSystem(AddressRange part)
    {
        MigrateSelect select = Device.Memory.Kind == DeviceMemoryKind.Private ? MigrateSelect.DevicePrivate : MigrateSelect.DeviceCoherent;
        using var migration = new PageMigration(Memory, part, select, Device);
        if (migration.Collect() != Errno.None)
            return 0; // The mapping has gone, or cannot be read.
        foreach (ref MigratePage page in migration.Pages)
            page.IsToSystem = page.CanMove;
        EraseMoving(migration.Pages);
        migration.Copy();
        return (ulong)migration.Finish();
    }

    /// <summary>Moves what this address space has in the device's memory back to the system.</summary>
    internal void Evict()
    {
        IReadOnlyList<ulong> pages = Memory.FindDevicePages(Device.Memory);
        for (int i = 0; i < pages.Count;)
        {
            if (!Memory.TryFindMapping(pages[i], out Mapping mapping) || !mapping.Range.Contains(pages[i]))
            {
                i++; // Unmapped meanwhile.
                continue;
            }

            ulong chunkPages = MovesWhole(pages[i], mapping.Range.Last) ? HugePages : ChunkPages;
            ulong chunkLast = Chunk(pages[i], mapping.Range.Last, chunkPages).Last;
            int first = i;
            while (++i < pages.Count && pages[i] < chunkLast)
                continue;
            MoveToSystem(new AddressRange(pages[first], PageAt(pages[i - 1]).Last));
        }
    }
}
