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
        length = RoundUp(length);
        if (length == 0 || address > LastAddress || length > LastAddress + 1 - address)
            return Errno.NoMemory;
        ulong last = address + length - 1;
        using (_mappingLock.Hold())
        {
            ulong next = address;
            foreach (SimulatedMapping part in _mappings.In(address, last))
            {
                if (part.Start != next)
                    return Errno.NoMemory;
                if (part.IsHugeTlb && (part.Start % HugeBytes != 0 || (part.Last + 1) % HugeBytes != 0))
                    return Errno.InvalidArgument;
                if (part.Protection != protection)
                    ProtectPart(part, protection);
                next = part.Last + 1;
            }

            return next > last ? Errno.None : Errno.NoMemory;
        }
    }

    private void ProtectPart(SimulatedMapping part, Protection protection)
    {
        SplitHugePageAt(part.Start);
        SplitHugePageAt(part.Last + 1);
        using (Space.StartInvalidation(part.Range, InvalidationEvent.ProtectionVma))
        using (Machine.PageTableLock.Hold())
        {
            _mappings.Replace(part with { Protection = protection });
            if ((protection & Protection.Write) != 0)
                return;
            foreach (ulong page in _pages.Pages(part.Start / PageBytes, part.Last / PageBytes))
            {
                ref PageTableEntry entry = ref _pages.At(page);
                entry.IsWritable = false;
                if (entry.Hold is { } hold)
                    hold.Before.IsWritable = false;
            }
        }
    }
}
