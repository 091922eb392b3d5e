using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>mmap.</content>
public sealed partial class SimulatedMemory
{
    private const MapFlags MapTypes = MapFlags.Shared | MapFlags.Private;

    /// <inheritdoc/>
    public override Errno Map(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, MemoryFile? file = null, ulong offset = 0)
    {
        mapped = 0;
        if (file is not null && (file as SimulatedFile)?.Machine != Machine)
            throw new ArgumentException("The file is not of this machine.", nameof(file));
        using (_mappingLock.Hold())
        {
            Errno error = MapLocked(address, length, protection, flags, out mapped, (SimulatedFile?)file, offset);
            if (error != Errno.None)
                return error;
        }

        // As in the kernel the pages that cannot be had are left to the touch.
        if ((flags & MapFlags.Populate) != 0)
            Populate(mapped, mapped + PageAlign(length), (protection & Protection.Write) != 0 && (flags & MapFlags.Shared) == 0);
        return Errno.None;
    }

    private Errno MapLocked(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, SimulatedFile? file, ulong offset)
    {
        mapped = 0;
        if (_isDisposed)
            return Errno.NoProcess;
        bool isHuge = (flags & MapFlags.HugeTlb) != 0;
        if (!IsPageAligned(offset) || length == 0 || (isHuge && file is not null))
            return Errno.InvalidArgument;
        ulong size = isHuge ? HugeAlign(length) : PageAlign(length);
        if (size == 0 || size > AreaList.TaskSize)
            return Errno.NoMemory;
        if (file is not null && (offset / PageBytes) + (size / PageBytes) > ulong.MaxValue / PageBytes)
            return (Errno)75; // EOVERFLOW
        if (_areas.Count > Machine.Options.MaximumMappings)
            return Errno.NoMemory;
        Errno error = PlaceFor(address, size, flags, out ulong place);
        if (error != Errno.None)
            return error;
        if (!IsMapType(flags, file) || (protection & ~(Protection.Read | Protection.Write | Protection.Execute)) != 0)
            return Errno.InvalidArgument;
        using (TableLock.Hold())
        {
            if (isHuge && !Machine.HugeTlb.TryReserve((int)(size / PageTable.HugeBytes)))
                return Errno.NoMemory;
        }

        error = UnmapLocked(place, place + size);
        using (TableLock.Hold())
        {
            if (error != Errno.None)
            {
                if (isHuge)
                    Machine.HugeTlb.Unreserve((int)(size / PageTable.HugeBytes));
                return error;
            }

            AddArea(NewArea(place, size, protection, flags, file, offset));
        }

        mapped = place;
        return Errno.None;
    }

    private static bool IsMapType(MapFlags flags, SimulatedFile? file) =>
        (flags & MapTypes) switch { MapFlags.Private or MapFlags.Shared => true, MapTypes => file is not null, _ => false };

    private Errno PlaceFor(ulong address, ulong size, MapFlags flags, out ulong place)
    {
        place = address;
        bool isHuge = (flags & MapFlags.HugeTlb) != 0;
        if ((flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0)
        {
            if (isHuge && address % PageTable.HugeBytes != 0)
                return Errno.InvalidArgument;
            if (address > AreaList.TaskSize - size)
                return Errno.NoMemory;
            if (!IsPageAligned(address))
                return Errno.InvalidArgument;
            bool mustBeFree = (flags & MapFlags.FixedNoReplace) != 0;
            return mustBeFree && _areas.HasAny(address, address + size) ? Errno.Exists : Errno.None;
        }

        ulong alignment = isHuge ? PageTable.HugeBytes : PageBytes;
        place = (address + (isHuge ? alignment - 1 : 0)) & ~(alignment - 1);
        if (place != 0 && place <= AreaList.TaskSize - size && !_areas.HasAny(place, place + size))
            return Errno.None;
        place = _areas.FindPlace(size, alignment);
        return place == 0 ? Errno.NoMemory : Errno.None;
    }

    private Area NewArea(ulong place, ulong size, Protection protection, MapFlags flags, SimulatedFile? file, ulong offset)
    {
        bool isShared = (flags & MapFlags.Shared) != 0;
        bool isHuge = (flags & MapFlags.HugeTlb) != 0;
        bool isNameless = file is null && isShared;
        return new Area
        {
            Start = place,
            End = place + size,
            Protection = protection,
            Flags = (isShared ? AreaFlags.Shared : isHuge ? AreaFlags.Reserved : 0) | (isHuge ? AreaFlags.HugeTlb : 0),
            File = isNameless ? new SimulatedFile(Machine, size, isNameless: true, isHuge) : file,
            PageOffset = file is not null ? offset / PageBytes : isNameless ? 0 : place / PageBytes,
        };
    }

    private void AddArea(Area area)
    {
        _areas.Add(area);
        _areas.Join(area.Start, area.End);
    }

    private void Populate(ulong start, ulong end, bool isWrite)
    {
        for (ulong address = start; address < end; address += PageBytes)
        {
            if (Touch(address, isWrite, owner: null) != Errno.None)
                return;
        }
    }
}
