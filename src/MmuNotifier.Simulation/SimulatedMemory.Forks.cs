using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>
/// fork. Waits for migrations to end first. Private device pages stay on the device, shared by both sides and read-only, until a touch
/// brings a copy back to the side that touched; the device's frame is freed with the last of them.
/// </content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override VirtualMemory Fork()
    {
        while (true)
        {
            using (_mappingLock.Hold())
            {
                bool hasMigrating;
                using (TableLock.Hold())
                    hasMigrating = HasMigrating(new AddressRange(0, AreaList.TaskSize - 1));
                if (!hasMigrating)
                {
                    var child = new SimulatedMemory(Machine);
                    CopyTo(child);
                    return child;
                }
            }

            WaitForMigration(new AddressRange(0, AreaList.TaskSize - 1));
        }
    }

    private void CopyTo(SimulatedMemory child)
    {
        foreach (Area area in _areas.In(0, AreaList.TaskSize))
        {
            if ((area.Flags & AreaFlags.DontFork) != 0)
                continue;
            Area copy = area.Clone();
            copy.Flags &= ~AreaFlags.Reserved;
            copy.Answer = null;
            using (TableLock.Hold())
                child._areas.Add(copy);
            if (area.IsShared || !area.HasAnonymous)
                continue;
            if ((area.Flags & AreaFlags.WipeOnFork) != 0)
            {
                copy.HasAnonymous = false;
                continue;
            }

            InvalidationEvent why = area.IsHugeTlb ? InvalidationEvent.Clear : InvalidationEvent.ProtectionPage;
            using (Space.StartInvalidation(area.Range, why))
            {
                SchedulingPoint.Mark();
                using (TableLock.Hold())
                    CopyEntries(area, child);
            }
        }
    }

    /// <summary>Pages that a device holds exclusively are the CPU's again, on both sides.</summary>
    private void CopyEntries(Area area, SimulatedMemory child)
    {
        TableLock.AssertHeld();
        for (ulong address = area.Start; _table.TryFindEntry(ref address, area.Last); address += PageBytes)
        {
            Pte entry = _table.Get(address) with { IsWritable = false };
            if (entry.State == PageState.DeviceExclusive)
                entry = entry with { State = PageState.Present };
            if (entry.Order == 0)
            {
                if (entry.HasFrame)
                    Frames.AddReference(entry.Frame);
                _table.Set(address, entry);
                child._table.Set(address, entry);
                continue;
            }

            if (entry.HasFrame)
                AddHugeReferences(entry.Frame);
            _table.SetHuge(address, entry);
            child._table.SetHuge(address, entry);
            address += PageTable.HugeBytes - PageBytes;
        }
    }
}
