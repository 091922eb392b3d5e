using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>fork.</content>
public sealed partial class SimulatedMemory
{
    /// <summary>Makes a child. Pages of devices are shared with it, copy-on-write like all private pages; exclusive pages are taken back first.</summary>
    public override VirtualMemory Fork()
    {
        while (true)
        {
            long finished;
            using (_mappingLock.Hold())
            {
                if (!IsMigrating(0, LastAddress, out finished))
                    return ForkLocked();
            }

            Machine.MigrationWait.WaitBeyond(finished);
        }
    }

    private SimulatedMemory ForkLocked()
    {
        var child = new SimulatedMemory(Machine);
        foreach (SimulatedMapping mapping in _mappings.In(0, LastAddress))
        {
            if (mapping.IsNotForked)
                continue;
            TakeBackExclusive(mapping.Start, mapping.Last);
            using (Machine.PageTableLock.Hold())
            {
                child._mappings.Insert(mapping);
                mapping.File?.AddMapper(child);
                if (mapping.IsHugeTlb)
                    Machine.FreeHugePages -= (int)((mapping.Last - mapping.Start + 1) / HugeBytes);
            }

            // Pages of shared memory are found again by faults.
            if (!mapping.IsShared && !mapping.IsWipedOnFork)
                ShareCopyOnWrite(child, mapping);
        }

        return child;
    }

    private void ShareCopyOnWrite(SimulatedMemory child, SimulatedMapping mapping)
    {
        using (Machine.PageTableLock.Hold())
        {
            if (!_pages.Pages(mapping.Start / PageBytes, mapping.Last / PageBytes).Any())
                return;
        }

        using (Space.StartInvalidation(mapping.Range, InvalidationEvent.ProtectionPage))
        using (Machine.PageTableLock.Hold())
        {
            foreach (ulong page in _pages.Pages(mapping.Start / PageBytes, mapping.Last / PageBytes))
            {
                ref PageTableEntry entry = ref _pages.At(page);
                entry.IsWritable = false;
                Frames.Hold(entry.Frame);
                child._pages.At(page) = entry;
            }
        }
    }

    private void TakeBackExclusive(ulong start, ulong last)
    {
        using (Machine.PageTableLock.Hold())
        {
            if (!HasState(start, last, PageState.DeviceExclusive))
                return;
        }

        using (Space.StartInvalidation(new AddressRange(start, last), InvalidationEvent.Exclusive))
        using (Machine.PageTableLock.Hold())
        {
            foreach (ulong page in _pages.Pages(start / PageBytes, last / PageBytes))
            {
                ref PageTableEntry entry = ref _pages.At(page);
                if (entry.State == PageState.DeviceExclusive)
                    entry.State = PageState.Present;
            }
        }
    }

    /// <summary>Whether a page of [start, last] is on the move, and what to wait beyond if so.</summary>
    private bool IsMigrating(ulong start, ulong last, out long finished)
    {
        using (Machine.PageTableLock.Hold())
        {
            finished = Machine.MigrationWait.Finished;
            return HasState(start, last, PageState.Migrating);
        }
    }
}
