using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>mremap. Waits for migrations in the range to end first.</content>
public sealed partial class SimulatedMemory
{
    private const RemapFlags NamesPlace = RemapFlags.Fixed | RemapFlags.DontUnmap;

    /// <inheritdoc/>
    public override Errno Remap(
        ulong address, ulong length, ulong newLength, RemapFlags flags, out ulong mapped, ulong newAddress = 0)
    {
        mapped = 0;
        var request = new RemapRequest(address, PageAlign(length), PageAlign(newLength), flags, newAddress);
        if (!request.IsValid)
            return Errno.InvalidArgument;
        while (true)
        {
            using (_mappingLock.Hold())
            {
                bool hasMigrating;
                using (TableLock.Hold())
                    hasMigrating = request is { Length: not 0, IsInTask: true } && HasMigrating(request.Range);
                if (!hasMigrating)
                    return RemapLocked(request, out mapped);
            }

            WaitForMigration(request.Range);
        }
    }

    private Errno RemapLocked(RemapRequest request, out ulong mapped)
    {
        mapped = 0;
        if (_areas.At(request.Address) is not { } area)
            return Errno.BadAddress;
        if (area.IsHugeTlb && !request.TryAlignHuge())
            return Errno.InvalidArgument;
        if ((request.Flags & RemapFlags.Fixed) != 0 && request.NewLength == request.Length)
            return MoveAll(request, out mapped);
        bool namesPlace = (request.Flags & NamesPlace) != 0;
        if (!namesPlace && request.NewLength <= request.Length)
        {
            Errno error = request.NewLength == request.Length
                ? Errno.None : UnmapTail(request);
            mapped = error == Errno.None ? request.Address : 0;
            return error;
        }

        if (request.Length == 0 && !area.IsShared)
            return Errno.InvalidArgument;
        if ((request.Flags & RemapFlags.DontUnmap) != 0 && area.IsHugeTlb)
            return Errno.InvalidArgument;

        // What a shrink unmaps may lie beyond the mapping; what moves may not.
        if (Math.Min(request.Length, request.NewLength) > area.End - request.Address
            || (request.NewLength > request.Length && area.IsHugeTlb))
            return Errno.BadAddress;
        return namesPlace ? MoveTo(request, out mapped) : Grow(area, request, out mapped);
    }

    private Errno Grow(Area area, RemapRequest request, out ulong mapped)
    {
        mapped = 0;
        ulong end = request.Address + request.NewLength;
        bool isAtEnd = request.Length != 0 && request.Address + request.Length == area.End;
        if (isAtEnd && end <= AreaList.TaskSize && !_areas.HasAny(area.End, end))
        {
            using (TableLock.Hold())
            {
                area.End = end;
                _areas.Join(area.Start, area.End);
            }

            mapped = request.Address;
            return Errno.None;
        }

        if ((request.Flags & RemapFlags.MayMove) == 0)
            return Errno.NoMemory;
        ulong place = _areas.FindPlace(request.NewLength, PageBytes);
        return place == 0 ? Errno.NoMemory : Move(request with { NewAddress = place }, out mapped);
    }

    /// <summary>To the place that is named; or, for DONTUNMAP alone, near it.</summary>
    private Errno MoveTo(RemapRequest request, out ulong mapped)
    {
        mapped = 0;
        if ((request.Flags & RemapFlags.Fixed) == 0)
        {
            Errno placeError = PlaceFor(request.NewAddress, request.NewLength, MapFlags.None, out ulong place);
            return placeError == Errno.None ? Move(request with { NewAddress = place }, out mapped) : placeError;
        }

        Errno error = UnmapLocked(request.NewAddress, request.NewAddress + request.NewLength);

        // With a length that wraps around, the new place can be the old one: then nothing is left to move.
        if (error == Errno.None && _areas.At(request.Address) is null)
            return Errno.BadAddress;
        if (error == Errno.None && request.NewLength < request.Length)
        {
            error = UnmapTail(request);
            request = request with { Length = request.NewLength };
        }

        return error == Errno.None ? Move(request, out mapped) : error;
    }

    /// <summary>What a shrink takes away. Only here is a length that leaves the address space refused.</summary>
    private Errno UnmapTail(RemapRequest request) => request.IsInTask
        ? UnmapLocked(request.Address + request.NewLength, request.Address + request.Length) : Errno.InvalidArgument;

    /// <summary>Several mappings at once, gaps between them kept; with FIXED and one length only.</summary>
    private Errno MoveAll(RemapRequest request, out ulong mapped)
    {
        mapped = 0;
        ulong end = request.Address + request.Length;
        foreach (Area area in _areas.In(request.Address, end))
        {
            if ((request.Flags & RemapFlags.DontUnmap) != 0 && area.IsHugeTlb)
                return Errno.InvalidArgument;
            ulong start = Math.Max(area.Start, request.Address);
            ulong length = Math.Min(area.End, end) - start;
            var part = new RemapRequest(start, length, length, request.Flags, request.NewAddress + (start - request.Address));
            Errno error = MoveTo(part, out _);
            if (error != Errno.None)
                return error;
        }

        mapped = request.NewAddress;
        return Errno.None;
    }

    /// <summary>The new place is free. Length 0 makes a second mapping of shared memory.</summary>
    private Errno Move(RemapRequest request, out ulong mapped)
    {
        mapped = 0;
        if (request.Length == 0)
        {
            using (TableLock.Hold())
                AddArea(AreaAt(_areas.At(request.Address)!, request));
            mapped = request.NewAddress;
            return Errno.None;
        }

        Errno error = SplitFor(request.Address, request.Address + request.Length);
        if (error != Errno.None)
            return error;
        if ((request.Address - request.NewAddress) % PageTable.HugeBytes != 0)
        {
            for (ulong block = PageTable.BlockOf(request.Address); block <= request.Range.Last; block += PageTable.HugeBytes)
                SplitBlock(block);
        }

        using (Space.StartInvalidation(request.Range, InvalidationEvent.Unmap))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
                MoveEntries(request);
        }

        mapped = request.NewAddress;
        return Errno.None;
    }

    private void MoveEntries(RemapRequest request)
    {
        Area old = _areas.At(request.Address)!;
        Area area = AreaAt(old, request);
        ulong last = request.Range.Last;
        for (ulong address = request.Address; _table.TryFindEntry(ref address, last); address += PageBytes)
        {
            Pte entry = _table.Get(address);
            ulong target = address - request.Address + request.NewAddress;
            if (entry.Order == 0)
            {
                _table.Set(address, default);
                _table.Set(target, entry);
                continue;
            }

            _table.SetHuge(address, default);
            _table.SetHuge(target, entry);
            address += PageTable.HugeBytes - PageBytes;
        }

        _areas.Add(area);
        if ((request.Flags & RemapFlags.DontUnmap) != 0)
            old.HasAnonymous = false;
        else
            _areas.Remove(request.Address, last + 1);
        _areas.Join(request.Address, last + 1);
        _areas.Join(area.Start, area.End);
    }

    private static Area AreaAt(Area old, RemapRequest request)
    {
        Area area = old.Clone();
        area.Answer = null;
        area.PageOffset = old.IsPlainAnonymous && !old.HasAnonymous ? request.NewAddress / PageBytes : old.PageOf(request.Address);
        area.Start = request.NewAddress;
        area.End = request.NewAddress + request.NewLength;
        return area;
    }
}
