using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Exclusive access of a device.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames)
    {
        ArgumentNullException.ThrowIfNull(owner);
        frames.Clear();
        Errno firstError = Errno.None;
        bool isAnyTaken = false;
        for (int i = 0; i < frames.Length; i++)
        {
            ulong address = range.Start + ((ulong)i * PageBytes);
            Errno error = Touch(address, isWrite: true, owner: null);
            if (error == Errno.None)
                error = MakePageExclusive(address, owner, out frames[i]);
            isAnyTaken |= error == Errno.None;
            if (firstError == Errno.None)
                firstError = error;
        }

        return isAnyTaken ? Errno.None : firstError;
    }

    // Anonymous pages of the system only, as in the kernel. Whatever came between the touch and here makes it Busy.
    private Errno MakePageExclusive(ulong address, object owner, out ulong frame)
    {
        frame = 0;
        using (_mappingLock.Hold())
        {
            if (_areas.At(address) is not { IsHugeTlb: false })
                return Errno.Busy;
            SplitBlock(address);
            using (Space.StartInvalidation(PageAt(address), InvalidationEvent.Exclusive, owner))
            {
                SchedulingPoint.Mark();
                using (TableLock.Hold())
                {
                    Pte entry = _table.Get(address);
                    bool canTake = entry is { State: PageState.Present, IsWritable: true, Order: 0, Frame: < DeviceMemory.FirstDeviceFrame }
                        && Frames.IsAnonymous(entry.Frame);
                    if (!canTake)
                        return Errno.Busy;
                    _table.Set(address, entry with { State = PageState.DeviceExclusive });
                    frame = entry.Frame;
                    return Errno.None;
                }
            }
        }
    }
}
