namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <content>Snapshots (<c>dmirror_snapshot</c>): a temporary notifier per 64 pages, nothing is faulted in.</content>
public sealed partial class MirrorDeviceFile
{
    private Errno Snapshot(AddressRange range, ref MirrorCommandBlock result, IUserMemory user)
    {
        ulong start = range.Start;
        while (true)
        {
            AddressRange chunk = Chunk(start, range.Last);
            byte[] seen = new byte[PagesOf(chunk)];
            Errno error = SnapshotChunk(chunk, seen);
            if (error == Errno.None)
                error = user.Write(result.UserAddress + result.PagesDone, seen);
            if (error != Errno.None)
                return error;
            result.PagesDone += (ulong)seen.Length;
            if (chunk.Last == range.Last)
                return Errno.None;
            start = chunk.Last + 1;
        }
    }

    private Errno SnapshotChunk(AddressRange chunk, byte[] seen)
    {
        var notifier = new SnapshotNotifier(_lock);
        if (!Memory.Space.TryInsert(notifier, chunk))
            return Errno.InvalidArgument;
        try
        {
            return SnapshotChunk(chunk, notifier, seen);
        }
        finally
        {
            notifier.Remove();
        }
    }

    private Errno SnapshotChunk(AddressRange chunk, SnapshotNotifier notifier, byte[] seen)
    {
        var entries = new HmmEntry[seen.Length];
        var pages = new PageEntry[seen.Length];
        long end = Deadline();
        do
        {
            ReadSection section = notifier.ReadBegin(chunk);
            if (section.Status != ReadStatus.Open)
                return Errno.InvalidArgument;
            Errno error = HmmRange.Snapshot(Memory, section, chunk, entries, Device);
            if (error is not (Errno.None or Errno.Busy))
                return error;
            Errno lookError = Memory.GetPages(chunk, pages);
            if (lookError != Errno.None)
                return lookError;
            bool isRight;
            using (_lock.Hold())
                isRight = !section.MustRetry && error == Errno.None;
            if (!isRight)
                continue;
            for (int i = 0; i < seen.Length; i++)
                seen[i] = MirrorSnapshot.Describe(entries[i], pages[i].State == PageState.Zero, Device.Memory);
            return Errno.None;
        }
        while (!IsOver(end));
        return Errno.Busy;
    }
}
