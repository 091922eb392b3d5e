namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <content>Reads and writes through the table, with faults where it has gaps (<c>dmirror_read</c>, <c>dmirror_write</c>).</content>
public sealed partial class MirrorDeviceFile
{
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

    private Errno Access(AddressRange range, byte[] bytes, bool isWrite, ref MirrorCommandBlock result)
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
    private bool Transfer(AddressRange range, byte[] bytes, bool isWrite, ref int done)
    {
        using (_lock.Hold())
        {
            for (; done < bytes.Length; done += MirroredMemory.PageBytes)
            {
                ulong address = range.Start + (ulong)done;
                if (!_table.TryGet(address, out ulong frame, out MirrorPageTag tag) || (isWrite && tag != MirrorPageTag.Write))
                    return false;
                Span<byte> page = bytes.AsSpan(done, MirroredMemory.PageBytes);
                Errno error = isWrite ? Memory.WriteFrame(frame, 0, page) : Memory.ReadFrame(frame, 0, page);
                if (error == Errno.None)
                    continue;
                _table.Forget(address);
                return false;
            }
        }

        return true;
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
            ReadSection section = notifier.ReadBegin(done);
            if (section.Status == ReadStatus.Removed)
                ForgetNotifier(notifier);
            if (section.Status != ReadStatus.Open)
                continue;
            var entries = new HmmEntry[PagesOf(done)];
            Errno error = HmmRange.Fault(Memory, section, done, entries, request, HmmRequest.None, Device);
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
