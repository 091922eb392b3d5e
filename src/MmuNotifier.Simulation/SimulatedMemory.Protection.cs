using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>mprotect.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Protect(ulong address, ulong length, Protection protection)
    {
        if (!IsPageAligned(address))
            return Errno.InvalidArgument;
        if (length == 0)
            return Errno.None;
        ulong end = address + PageAlign(length);
        if (end <= address)
            return Errno.NoMemory;
        if ((protection & ~(Protection.Read | Protection.Write | Protection.Execute)) != 0)
            return Errno.InvalidArgument;
        using (_mappingLock.Hold())
        {
            ulong reached = address;
            while (reached < end)
            {
                if (_areas.At(reached) is not { } area)
                    return Errno.NoMemory;
                ulong until = Math.Min(area.End, end);
                Errno error = ProtectArea(area, reached, until, protection);
                if (error != Errno.None)
                    return error;
                reached = until;
            }
        }

        return Errno.None;
    }

    private Errno ProtectArea(Area area, ulong start, ulong end, Protection protection)
    {
        if (area.Protection == protection)
            return Errno.None;
        Errno error = SplitFor(start, end);
        if (error != Errno.None)
            return error;
        using (Space.StartInvalidation(new AddressRange(start, end - 1), InvalidationEvent.ProtectionVma))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
            {
                _areas.At(start)!.Protection = protection;
                if ((protection & Protection.Write) == 0)
                    MakeReadOnly(start, end);
                _areas.Join(start, end);
            }
        }

        return Errno.None;
    }

    /// <summary>Writes fault from now on.</summary>
    private void MakeReadOnly(ulong start, ulong end)
    {
        TableLock.AssertHeld();
        for (ulong address = start; _table.TryFindEntry(ref address, end - 1); address += PageBytes)
        {
            Pte entry = _table.Get(address);
            if (entry.Order == 0)
            {
                _table.Set(address, entry with { IsWritable = false });
                continue;
            }

            _table.SetHuge(address, entry with { IsWritable = false });
            address += PageTable.HugeBytes - PageBytes;
        }
    }
}
