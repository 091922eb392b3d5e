using System.Buffers;

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
            AddressRange part = BlockChunk(start, last);
            Errno error = MoveToDevice(part);
            if (error != Errno.None)
                return error;
            if (part.Last == range.Last)
                break;
            start = part.Last + 1;
        }

        return ReadBack(range, ref result, user);
    }

    // Up to the end of the block that a huge page would be in: huge pages move as wholes wherever the range begins.
    private static AddressRange BlockChunk(ulong start, ulong last)
    {
        const ulong blockBytes = HugePages * MirroredMemory.PageBytes;
        return new AddressRange(start, Math.Min(last, start | (blockBytes - 1)));
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
            if (pages[i].Order == HugeOrder)
            {
                NameDestinationsOfBlock(pages.Slice(i, (int)HugePages));
                i += (int)HugePages - 1;
            }
            else if (!TakeFailure() && Device.Memory.TryAllocate(out ulong frame))
            {
                pages[i].DestinationFrame = frame;
            }
        }
    }

    // Where the device has no huge page, small ones do.
    private void NameDestinationsOfBlock(Span<MigratePage> block)
    {
        ulong first = 0;
        bool hasHugePage = !TakeFailure() && Device.Memory.TryAllocateBlock(HugeOrder, out first);
        if (!hasHugePage)
            block[0].Order = 0;
        for (int i = 0; i < block.Length; i++)
        {
            if (hasHugePage)
                block[i].DestinationFrame = first + (ulong)i;
            else if (Device.Memory.TryAllocate(out ulong frame))
                block[i].DestinationFrame = frame;
        }
    }

    // The notifiers leave this to the thread that migrates. Before the copy, so that no write of a device is lost.
    private void EraseMoving(Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            int first = i;
            while (i < pages.Length && pages[i].CanMove && pages[i].HasDestination)
                i++;
            if (i > first)
                Device.Forget(Memory, new AddressRange(pages[first].Address, PageAt(pages[i - 1].Address).Last));
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
        int length = (int)result.Pages * MirroredMemory.PageBytes;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Span<byte> bytes = rented.AsSpan(0, length);
            int done = 0;
            if (!Transfer(range, bytes, isWrite: false, ref done))
                return Errno.NoEntry;
            result.PagesDone = result.Pages;
            return user.Write(result.UserAddress, bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private Errno MigrateToSystem(AddressRange range, ref MirrorCommandBlock result)
    {
        ulong start = range.Start;
        while (Memory.TryFindMapping(start, out Mapping mapping) && mapping.Range.Start <= range.Last)
        {
            start = Math.Max(start, mapping.Range.Start);
            ulong last = Math.Min(range.Last, mapping.Range.Last);
            AddressRange part = BlockChunk(start, last);
            if (!TryMoveToSystem(part, mayFail: true, out int moved))
                return Errno.NoMemory;
            result.PagesDone += (ulong)moved;
            if (part.Last == range.Last)
                break;
            start = part.Last + 1;
        }

        return Errno.None;
    }

    /// <summary>False, and no page has moved, if there is not even a small page of the system for the first of them.</summary>
    private bool TryMoveToSystem(AddressRange part, bool mayFail, out int moved)
    {
        moved = 0;
        MigrateSelect select = Device.Memory.Kind == DeviceMemoryKind.Private ? MigrateSelect.DevicePrivate : MigrateSelect.DeviceCoherent;
        using var migration = new PageMigration(Memory, part, select, Device);
        if (migration.Collect() != Errno.None)
            return true; // The mapping has gone, or cannot be read.
        foreach (ref MigratePage page in migration.Pages)
        {
            page.IsToSystem = page.CanMove;
            if (!page.CanMove || !mayFail || !TakeFailure())
                continue;
            if (page.Order == 0)
                return false; // The migration puts back what it has collected.
            page.Order = 0;
        }

        EraseMoving(migration.Pages);
        migration.Copy();
        moved = migration.Finish();
        return true;
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

            ulong chunkLast = BlockChunk(pages[i], mapping.Range.Last).Last;
            int first = i;
            while (++i < pages.Count && pages[i] < chunkLast)
                continue;
            TryMoveToSystem(new AddressRange(pages[first], PageAt(pages[i - 1]).Last), mayFail: false, out _);
        }
    }
}
