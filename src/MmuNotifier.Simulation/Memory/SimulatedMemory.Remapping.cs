using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>mremap.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Remap(
        ulong address, ulong length, ulong newLength, RemapFlags flags, out ulong mapped, ulong newAddress = 0)
    {
        mapped = 0;
        bool isFixed = (flags & RemapFlags.Fixed) != 0;
        bool keepsOld = (flags & RemapFlags.DontUnmap) != 0;
        bool mayMove = (flags & RemapFlags.MayMove) != 0;
        length = RoundUp(length);
        newLength = RoundUp(newLength);
        if (!IsPageAligned(address) || newLength == 0 || newLength > LastAddress || ((isFixed || keepsOld) && !mayMove)
            || (keepsOld && length != newLength))
            return Errno.InvalidArgument;
        if (isFixed && (!IsPageAligned(newAddress) || newAddress > LastAddress || newLength > LastAddress + 1 - newAddress
            || (newAddress < address + length && address < newAddress + newLength)))
            return Errno.InvalidArgument;
        while (true)
        {
            long finished;
            using (_mappingLock.Hold())
            {
                if (length == 0 || !IsMigrating(address, address + length - 1, out finished))
                    return RemapLocked(address, length, newLength, flags, out mapped, newAddress);
            }

            Machine.MigrationWait.WaitBeyond(finished);
        }
    }

    private Errno RemapLocked(ulong address, ulong length, ulong newLength, RemapFlags flags, out ulong mapped, ulong newAddress)
    {
        mapped = 0;
        bool isFixed = (flags & RemapFlags.Fixed) != 0;
        bool keepsOld = (flags & RemapFlags.DontUnmap) != 0;
        if (_mappings.Covering(address) is not { } mapping)
            return Errno.BadAddress;
        if (length == 0 && !mapping.IsShared)
            return Errno.InvalidArgument;
        if (mapping.IsHugeTlb)
            return Errno.InvalidArgument;
        if (length != 0 && address + length - 1 > mapping.Last)
            return Errno.BadAddress;
        if (!isFixed && !keepsOld && length != 0)
        {
            if (newLength <= length)
            {
                mapped = address;
                return newLength == length ? Errno.None : UnmapLocked(address + newLength, address + length - 1);
            }

            if (TryGrow(mapping, address, length, newLength))
            {
                mapped = address;
                return Errno.None;
            }
        }

        if ((flags & RemapFlags.MayMove) == 0)
            return Errno.NoMemory;
        return MoveLocked(mapping, address, length, newLength, isFixed ? newAddress : 0, keepsOld, out mapped);
    }

    private bool TryGrow(SimulatedMapping mapping, ulong address, ulong length, ulong newLength)
    {
        ulong newLast = address + newLength - 1;
        if (address + length - 1 != mapping.Last || newLast > LastAddress || newLast < address || !_mappings.IsFree(mapping.Last + 1, newLast))
            return false;
        using (Machine.PageTableLock.Hold())
            _mappings.Insert(GrownPart(mapping, newLast));
        return true;
    }

    private static SimulatedMapping GrownPart(SimulatedMapping mapping, ulong newLast) => mapping with
    {
        Start = mapping.Last + 1,
        Last = newLast,
        FileOffset = mapping.File is null ? 0 : mapping.FileOffset + (mapping.Last + 1 - mapping.Start),
    };

    private Errno MoveLocked(
        SimulatedMapping mapping, ulong address, ulong length, ulong newLength, ulong newAddress, bool keepsOld, out ulong mapped)
    {
        mapped = 0;
        Errno error = Errno.None;
        if (newAddress == 0)
            newAddress = _mappings.FindFree(newLength, PageBytes, LowestAddress, PlacementLimit);
        else
            error = UnmapLocked(newAddress, newAddress + newLength - 1);
        if (newAddress == 0)
            return Errno.NoMemory;
        if (error != Errno.None)
            return error;

        // With a shorter new length the rest goes, wherever it was.
        if (length > newLength)
        {
            error = UnmapLocked(address + newLength, address + length - 1);
            length = newLength;
        }

        if (error != Errno.None)
            return error;
        SimulatedMapping moved = mapping with
        {
            Start = newAddress,
            Last = newAddress + newLength - 1,
            FileOffset = mapping.File is null ? 0 : mapping.FileOffset + (address - mapping.Start),
        };
        if (length == 0)
        {
            using (Machine.PageTableLock.Hold())
                _mappings.Insert(moved);
            mapped = newAddress;
            return Errno.None;
        }

        MoveEntries(moved, address, length, keepsOld);
        mapped = newAddress;
        return Errno.None;
    }

    private void MoveEntries(SimulatedMapping moved, ulong address, ulong length, bool keepsOld)
    {
        SplitHugePageAt(address);
        SplitHugePageAt(address + length);
        bool keepsOrder = address % HugeBytes == moved.Start % HugeBytes;
        using (Space.StartInvalidation(AddressRange.FromLength(address, length), InvalidationEvent.Unmap))
        using (Machine.PageTableLock.Hold())
        {
            if (!keepsOld)
                _mappings.Remove(address, address + length - 1);
            _mappings.Insert(moved);
            ulong distance = (moved.Start / PageBytes) - (address / PageBytes);
            ulong[] pages = [.. _pages.Pages(address / PageBytes, (address + length - 1) / PageBytes)];
            foreach (ulong page in pages)
            {
                PageTableEntry entry = _pages.Get(page);
                _pages.At(page) = default;
                if (!keepsOrder)
                    entry.Order = 0;
                _pages.At(page + distance) = entry;
            }
        }
    }
}
