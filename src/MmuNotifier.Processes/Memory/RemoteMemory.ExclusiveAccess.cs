using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Exclusive access: taken as pages are for a migration, but into frames of our own.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <inheritdoc/>
    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames)
    {
        frames.Clear();
        if (Calls is not { } calls)
            return Errno.Busy;
        Errno error = CheckMapping(range.Start, isWrite: true);
        if (error != Errno.None)
            return error;
        error = calls.Advise(range, PopulateWrite);
        if (error != Errno.None)
            return CheckMapping(range.Start, isWrite: true) is var reason and not Errno.None ? reason : Errno.BadAddress;
        if (!TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Contains(range))
            return Errno.BadAddress;
        long finishedRemovals = WaitForRemovals(range);
        lock (_mappingLock)
        {
            ReturnRange(range, WaitLimit);
            using (Space.StartInvalidation(range, InvalidationEvent.Exclusive, owner))
                return TakeExclusively(mapping, range, frames, finishedRemovals);
        }
    }

    private Errno TakeExclusively(in Mapping mapping, AddressRange range, Span<ulong> frames, long finishedRemovals)
    {
        var pages = new MigratePage[frames.Length];
        for (int i = 0; i < pages.Length; i++)
            pages[i].Address = range.Start + ((ulong)i * PageBytes);
        if (mapping.IsShared || mapping.Backing != MappingBacking.Anonymous)
            return Errno.Busy;
        CollectSystemPages(mapping, range, pages, finishedRemovals);
        try
        {
            for (int i = 0; i < pages.Length; i++)
            {
                if (!pages[i].CanMove || pages[i].SourceFrame == 0
                    || !_exclusiveFrames.TryAllocate(out DeviceMemory memory, out ulong frame))
                {
                    continue;
                }

                if (CopyOut(pages[i].Address, memory.AddressOf(frame)) == Errno.None)
                    pages[i].DestinationFrame = frame;
                else
                    memory.Free(frame);
            }

            Span<MigratePage> rest = pages;
            while (PageRuns.TryTakeNext(ref rest, IsTaken, out Span<MigratePage> run))
                TakeAway(run, TakenState.Exclusive);
        }
        finally
        {
            Abandon(range);
        }

        int taken = 0;
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i].IsMoved)
            {
                frames[i] = pages[i].DestinationFrame;
                taken++;
            }
            else if (pages[i].DestinationFrame != 0)
            {
                DeviceMemory.Of(pages[i].DestinationFrame)!.Free(pages[i].DestinationFrame);
            }
        }

        return taken > 0 ? Errno.None : Errno.Busy;
    }
}
