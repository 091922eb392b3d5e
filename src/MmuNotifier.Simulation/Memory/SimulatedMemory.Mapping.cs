using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>mmap and munmap.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Map(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, MemoryFile? file = null, ulong offset = 0)
    {
        using (_mappingLock.Hold())
        {
            Errno error = MapLocked(address, length, protection, flags, out mapped, file, offset);
            if (error != Errno.None)
                return error;
        }

        if ((flags & MapFlags.Populate) != 0)
            Populate(mapped, RoundUp(length), (protection & Protection.Write) != 0 && (flags & MapFlags.Private) != 0);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Unmap(ulong address, ulong length)
    {
        if (!IsPageAligned(address) || length == 0 || address > LastAddress || length > LastAddress + 1 - address)
            return Errno.InvalidArgument;
        using (_mappingLock.Hold())
            return UnmapLocked(address, address + RoundUp(length) - 1);
    }

    private Errno MapLocked(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, MemoryFile? file, ulong offset)
    {
        mapped = 0;
        bool isShared = (flags & MapFlags.Shared) != 0;
        bool isHuge = (flags & MapFlags.HugeTlb) != 0;
        bool isFixed = (flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0;
        if (length == 0 || !IsPageAligned(offset) || isShared == ((flags & MapFlags.Private) != 0))
            return Errno.InvalidArgument;
        ulong unit = isHuge ? HugeBytes : PageBytes;
        if (length > LastAddress)
            return Errno.NoMemory;
        length = RoundUp(length, unit);
        if (isFixed && address % unit != 0)
            return Errno.InvalidArgument;
        Errno error = Place(address, length, unit, flags, isFixed, out ulong start);
        if (error != Errno.None)
            return error;
        if (isHuge && Machine.FreeHugePages < (int)(length / HugeBytes))
            return Errno.NoMemory;
        if (isFixed)
            error = UnmapLocked(start, start + length - 1);
        if (error != Errno.None)
            return error;
        SimulatedFile? backing = (SimulatedFile?)file;
        if (backing is null && isShared)
            backing = new SimulatedFile(Machine, length, isNameless: true);
        using (Machine.PageTableLock.Hold())
        {
            if (isHuge)
                Machine.FreeHugePages -= (int)(length / HugeBytes);
            backing?.AddMapper(this);
            _mappings.Insert(new SimulatedMapping
            {
                Start = start,
                Last = start + length - 1,
                Protection = protection,
                IsShared = isShared,
                File = backing,
                FileOffset = backing is null ? 0 : offset,
                IsHugeTlb = isHuge,
            });
        }

        mapped = start;
        return Errno.None;
    }

    private Errno Place(ulong address, ulong length, ulong unit, MapFlags flags, bool isFixed, out ulong start)
    {
        start = 0;
        if (isFixed)
        {
            if (address > LastAddress || length > LastAddress + 1 - address)
                return Errno.NoMemory;
            if ((flags & MapFlags.FixedNoReplace) != 0 && !_mappings.IsFree(address, address + length - 1))
                return Errno.Exists;
            start = address;
            return Errno.None;
        }

        ulong hint = address & ~(unit - 1);
        if (hint >= LowestAddress && hint <= LastAddress && length <= LastAddress + 1 - hint && _mappings.IsFree(hint, hint + length - 1))
        {
            start = hint;
            return Errno.None;
        }

        ulong alignment = length >= HugeBytes ? HugeBytes : unit;
        start = _mappings.FindFree(length, alignment, LowestAddress, PlacementLimit);
        return start == 0 ? Errno.NoMemory : Errno.None;
    }

    /// <summary>Unmaps whole pages; where nothing is mapped nothing happens, and nobody is told. Under the mapping lock.</summary>
    private Errno UnmapLocked(ulong start, ulong last)
    {
        List<SimulatedMapping> gone = _mappings.In(start, last);
        if (gone.Count == 0)
            return Errno.None;
        foreach (SimulatedMapping mapping in gone)
        {
            if (mapping.IsHugeTlb && (mapping.Start % HugeBytes != 0 || (mapping.Last + 1) % HugeBytes != 0))
                return Errno.InvalidArgument;
        }

        SplitHugePageAt(start);
        SplitHugePageAt(last + 1);
        using (Space.StartInvalidation(new AddressRange(start, last), InvalidationEvent.Unmap))
        using (Machine.PageTableLock.Hold())
        {
            _mappings.Remove(start, last);
            foreach (SimulatedMapping mapping in gone)
            {
                ZapPages(mapping.Start, mapping.Last);
                ReturnHugePages(mapping);
            }
        }

        return Errno.None;
    }

    /// <summary>What a file's truncation or hole takes away here. Under no lock: the mapping lock is not needed to empty entries.</summary>
    internal void ZapFile(SimulatedFile file, ulong firstByte, ulong lastByte, bool evenPrivateCopies)
    {
        List<AddressRange> parts = [];
        using (Machine.PageTableLock.Hold())
        {
            foreach (SimulatedMapping mapping in _mappings.All)
            {
                if (mapping.File != file || mapping.FileOffset > lastByte)
                    continue;
                ulong lastOffset = mapping.FileOffset + (mapping.Last - mapping.Start);
                if (lastOffset < firstByte)
                    continue;
                ulong from = Math.Max(firstByte, mapping.FileOffset);
                ulong to = Math.Min(lastByte, lastOffset);
                parts.Add(new AddressRange(mapping.Start + (from - mapping.FileOffset), mapping.Start + (to - mapping.FileOffset)));
            }
        }

        foreach (AddressRange part in parts)
        {
            using (Space.StartInvalidation(part, InvalidationEvent.Clear))
            using (Machine.PageTableLock.Hold())
            {
                // What is mapped there by now may be something else: it only faults once more.
                ZapPages(part.Start, part.Last, onlyFilePages: !evenPrivateCopies);
            }
        }
    }
}
