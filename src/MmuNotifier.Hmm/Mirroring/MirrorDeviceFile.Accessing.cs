namespace MmuNotifier.Hmm;

/// <content>Reads and writes through the table, and the faults that fill it.</content>
public sealed partial class MirrorDeviceFile
{
    /// <summary>Nothing gets so far ahead of a device in practice; it bounds the loop.</summary>
    private static readonly TimeSpan s_accessLimit = TimeSpan.FromSeconds(10);

    private Errno Access(AddressRange range, byte[] bytes, bool isWrite, ref ulong faults)
    {
        long end = Environment.TickCount64 + (long)s_accessLimit.TotalMilliseconds;
        while (Environment.TickCount64 <= end)
        {
            if (TryTransfer(range, bytes, isWrite, out ulong gap))
                return Errno.None;
            Errno error = Fault(new AddressRange(gap, range.Last), isWrite);
            if (error != Errno.None)
                return error;
            faults++;
        }

        return Errno.Busy;
    }

    /// <summary>Reads or writes up to the first page that the table does not have with the right tag, the gap.</summary>
    private bool TryTransfer(AddressRange range, byte[] bytes, bool isWrite, out ulong gap)
    {
        using (_lock.Hold())
        {
            gap = range.Start;
            for (int at = 0; at < bytes.Length; at += MirroredMemory.PageBytes, gap += MirroredMemory.PageBytes)
            {
                if (!_table.TryGetValue(gap, out (ulong Frame, PageTag Tag) page) || (isWrite && page.Tag != PageTag.Write))
                    return false;
                Span<byte> part = bytes.AsSpan(at, MirroredMemory.PageBytes);
                Errno error = isWrite ? _memory.WriteFrame(page.Frame, 0, part) : _memory.ReadFrame(page.Frame, 0, part);
                if (error == Errno.None)
                    continue;

                // The CPU has just taken the page back, or it went; the notifier may yet have to be told.
                _table.Remove(gap);
                return false;
            }
        }

        return true;
    }

    private Errno Fault(AddressRange range, bool isWrite)
    {
        HmmRequest request = HmmRequest.Fault | (isWrite ? HmmRequest.Write : HmmRequest.None);
        for (ulong start = range.Start; ;)
        {
            AddressRange chunk = FirstChunk(start, range.Last);
            Errno error = FaultChunk(ref chunk, request);
            if (error != Errno.None || chunk.Last == range.Last)
                return error;
            start = chunk.Last + 1;
        }
    }

    /// <summary>Faults the pages of one notifier in; the chunk ends where that ends.</summary>
    private Errno FaultChunk(ref AddressRange chunk, HmmRequest request)
    {
        var entries = new HmmEntry[PagesOf(chunk)];
        long end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
        AddressRange asked = chunk;
        while (Environment.TickCount64 <= end)
        {
            if (NotifierOver(asked.Start) is not { } notifier)
                return Errno.BadAddress;
            AddressRange covered = notifier.Range;
            if (!covered.Contains(asked.Start))
                continue;
            chunk = new AddressRange(asked.Start, Math.Min(asked.Last, covered.Last));
            ReadSection section = notifier.ReadBegin(chunk);
            if (section.Status == ReadStatus.Exited)
                return Errno.BadAddress;

            // Else it was cut or removed meanwhile: the next round finds what covers the page now.
            if (section.Status != ReadStatus.Open)
                continue;
            Span<HmmEntry> part = entries.AsSpan(0, PagesOf(chunk));
            part.Clear();
            Errno error = HmmRange.Fault(_memory, section, chunk, part, request, HmmRequest.None, Device);
            if (error is not (Errno.None or Errno.Busy))
                return error;
            if (error == Errno.None && TryCommit(section, chunk, part, onlyOwnFrames: false))
                return Errno.None;
        }

        return Errno.Busy;
    }

    private bool TryCommit(in ReadSection section, AddressRange chunk, ReadOnlySpan<HmmEntry> entries, bool onlyOwnFrames)
    {
        using (_lock.Hold())
        {
            if (section.Retry())
                return false;
            for (int i = 0; i < entries.Length; i++)
            {
                if (!entries[i].IsValid || (onlyOwnFrames && DeviceMemory.Of(entries[i].Frame) != Device.Memory))
                    continue;
                PageTag tag = entries[i].IsWritable ? PageTag.Write : PageTag.Read;
                _table[chunk.Start + ((ulong)i * MirroredMemory.PageBytes)] = (entries[i].Frame, tag);
            }

            return true;
        }
    }

    private static AddressRange FirstChunk(ulong start, ulong last)
    {
        const ulong chunkBytes = 64 * MirroredMemory.PageBytes;
        return new AddressRange(start, last - start < chunkBytes ? last : start + chunkBytes - 1);
    }
}
