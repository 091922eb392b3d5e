namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <content>Reads and writes through the table, with faults where it has gaps (<c>dmirror_read</c>, <c>dmirror_write</c>).</content>
public sealed partial class MirrorDeviceFile
{
    private const int PagesPerTransfer = 512;

    private Errno Read(AddressRange range, ref MirrorCommandBlock result, IUserMemory user)
    {
        if (result.Pages > MaxPages)
            return Errno.NoMemory;
        byte[] bytes = new byte[result.Pages * MirroredMemory.PageBytes];
        Errno error = Access(range, bytes, isWrite: false, ref result);
        return error == Errno.None ? user.Write(result.UserAddress, bytes) : error;
    }

    private Errno Write(AddressRange range, ref MirrorCommandBlock result, IUserMemory user)
    {
        if (result.Pages > MaxPages)
            return Errno.NoMemory;
        byte[] bytes = new byte[result.Pages * MirroredMemory.PageBytes];
        Errno error = user.Read(result.UserAddress, bytes);
        return error == Errno.None ? Access(range, bytes, isWrite: true, ref result) : error;
    }

    private Errno Access(AddressRange range, Span<byte> bytes, bool isWrite, ref MirrorCommandBlock result)
    {
        int done = 0;
        long end = Deadline();
        while (true)
        {
            int before = done;
            if (Transfer(range, bytes, isWrite, ref done))
            {
                result.PagesDone = result.Pages;
                return Errno.None;
            }

            if (done > before)
                end = Deadline();
            else if (IsOver(end))
                return Errno.Busy; // Others take the page away each time before it is used.
            ulong gap = range.Start + (ulong)done;
            Errno error = Fault(new AddressRange(gap, range.Last), isWrite);
            if (error != Errno.None)
                return error;
            result.Faults++;
        }
    }

    /// <summary>
    /// Reads or writes up to the first gap: a page that the table does not have with the right tag, or that has just been taken back.
    /// </summary>
    private bool Transfer(AddressRange range, Span<byte> bytes, bool isWrite, ref int done)
    {
        Span<ulong> frames = stackalloc ulong[PagesPerTransfer];
        using (_lock.Hold())
        {
            while (done < bytes.Length)
            {
                ulong address = range.Start + (ulong)done;
                int wanted = Math.Min(frames.Length, (bytes.Length - done) / MirroredMemory.PageBytes);
                int found = FindFrames(address, frames[..wanted], isWrite);
                Span<byte> pages = bytes.Slice(done, found * MirroredMemory.PageBytes);
                int moved = isWrite ? WriteFrames(frames[..found], pages) : Memory.ReadFrames(frames[..found], pages);
                done += moved * MirroredMemory.PageBytes;
                if (moved < found)
                    _table.Forget(range.Start + (ulong)done);
                if (moved < wanted)
                    return false;
            }
        }

        return true;
    }

    private int FindFrames(ulong address, Span<ulong> frames, bool isWrite)
    {
        int found = 0;
        while (found < frames.Length && _table.TryGet(address, out frames[found], out MirrorPageTag tag)
            && (!isWrite || tag == MirrorPageTag.Write))
        {
            address += MirroredMemory.PageBytes;
            found++;
        }

        return found;
    }

    private int WriteFrames(ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> pages)
    {
        int done = 0;
        while (done < frames.Length
            && Memory.WriteFrame(frames[done], 0, pages.Slice(done * MirroredMemory.PageBytes, MirroredMemory.PageBytes)) == Errno.None)
        {
            done++;
        }

        return done;
    }

    private Errno Fault(AddressRange range, bool isWrite)
    {
        HmmRequest request = HmmRequest.Fault | (isWrite ? HmmRequest.Write : HmmRequest.None);
        ulong start = range.Start;
        while (true)
        {
            Errno error = FaultChunk(Chunk(start, range.Last), request, out AddressRange done);
            if (error != Errno.None || done.Last == range.Last)
                return error;
            start = done.Last + 1;
        }
    }

    // Up to the end of the chunk or of the notifier, whichever comes first.
    private Errno FaultChunk(AddressRange chunk, HmmRequest request, out AddressRange done)
    {
        long end = Deadline();
        do
        {
            done = chunk;
            if (!TryGetNotifier(chunk.Start, out AddressRange covered, out MirrorNotifier? notifier))
                return Errno.BadAddress;
            done = chunk.Intersect(covered);
            var entries = new HmmEntry[PagesOf(done)];
            Errno error = HmmRange.FaultUnlocked(Memory, notifier, done, entries, request, out ReadSection section, deviceOwner: Device);
            if (section.Status == ReadStatus.Removed)
                ForgetNotifier(notifier);
            if (section.Status != ReadStatus.Open)
                continue;
            if (error == Errno.None && TryCommit(section, done, entries))
                return Errno.None;
            if (error is not (Errno.None or Errno.Busy))
                return error;
        }
        while (!IsOver(end));
        return Errno.Busy;
    }

    private bool TryCommit(in ReadSection section, AddressRange range, HmmEntry[] entries)
    {
        using (_lock.Hold())
        {
            if (section.MustRetry)
                return false;
            for (int i = 0; i < entries.Length; i++)
            {
                ulong address = range.Start + ((ulong)i * MirroredMemory.PageBytes);
                _table.Set(address, entries[i].Frame, entries[i].IsWritable ? MirrorPageTag.Write : MirrorPageTag.Read);
            }

            return true;
        }
    }

    private static long Deadline() => Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;

    private static bool IsOver(long end) => Environment.TickCount64 > end;
}
