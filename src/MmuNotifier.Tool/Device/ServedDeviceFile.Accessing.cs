using MmuNotifier.Hmm;
using MmuNotifier.Linux.Remote;

namespace MmuNotifier.Tool.Device;

/// <content>Reads and writes through the table, faults, snapshots.</content>
internal sealed partial class ServedDeviceFile
{
    private Errno Access(AddressRange range, byte[] bytes, bool isWrite, ref ulong faults)
    {
        while (true)
        {
            Errno error = Transfer(range, bytes, isWrite, out ulong gap);
            if (error == Errno.Again)
                continue; // The page has just been taken back; the notifier erases it.
            if (error != Errno.NoEntry)
                return error;
            error = Fault(new AddressRange(gap, range.Last), isWrite);
            if (error != Errno.None)
                return error;
            faults++;
        }
    }

    /// <summary>Reads or writes up to the first page that the table does not have with the right tag: NoEntry, and the gap.</summary>
    private Errno Transfer(AddressRange range, byte[] bytes, bool isWrite, out ulong gap)
    {
        using (_lock.Hold())
        {
            gap = range.Start;
            for (int at = 0; at < bytes.Length; at += MirroredMemory.PageBytes, gap += MirroredMemory.PageBytes)
            {
                if (!_table.TryGetValue(gap, out (ulong Frame, PageTag Tag) page) || (isWrite && page.Tag != PageTag.Write))
                    return Errno.NoEntry;
                Span<byte> part = bytes.AsSpan(at, MirroredMemory.PageBytes);
                Errno error = isWrite ? _memory.WriteFrame(page.Frame, 0, part) : _memory.ReadFrame(page.Frame, 0, part);
                if (error == Errno.None)
                    continue;
                _table.Remove(gap);
                return error == Errno.Again ? Errno.Again : Errno.NoEntry;
            }
        }

        return Errno.None;
    }

    private Errno Fault(AddressRange range, bool isWrite)
    {
        HmmRequest request = HmmRequest.Fault | (isWrite ? HmmRequest.Write : HmmRequest.None);
        foreach (AddressRange chunk in Chunks(range))
        {
            Errno error = FaultChunk(chunk, request);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private Errno FaultChunk(AddressRange chunk, HmmRequest request)
    {
        var entries = new HmmEntry[PagesOf(chunk)];
        long end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
        while (_isWatching)
        {
            ReadSection section = _notifier.ReadBegin(chunk);
            if (section.Status != ReadStatus.Open)
                return Errno.BadAddress;
            Errno error = HmmRange.Fault(_memory, section, chunk, entries, request, HmmRequest.None, Device);
            if (error is not (Errno.None or Errno.Busy))
                return error;
            using (_lock.Hold())
            {
                if (error == Errno.None && !section.Retry())
                {
                    ulong address = chunk.Start;
                    foreach (HmmEntry entry in entries)
                    {
                        _table[address] = (entry.Frame, entry.IsWritable ? PageTag.Write : PageTag.Read);
                        address += MirroredMemory.PageBytes;
                    }

                    return Errno.None;
                }
            }

            if (Environment.TickCount64 > end)
                return Errno.Busy;
        }

        return Errno.BadAddress;
    }

    private Errno Snapshot(AddressRange range, byte[] seen)
    {
        int at = 0;
        foreach (AddressRange chunk in Chunks(range))
        {
            Errno error = SnapshotChunk(chunk, seen.AsSpan(at, PagesOf(chunk)));
            if (error != Errno.None)
                return error;
            at += PagesOf(chunk);
        }

        return Errno.None;
    }

    private Errno SnapshotChunk(AddressRange chunk, Span<byte> seen)
    {
        var entries = new HmmEntry[seen.Length];
        long end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
        while (_isWatching)
        {
            ReadSection section = _notifier.ReadBegin(chunk);
            if (section.Status != ReadStatus.Open)
                return Errno.BadAddress;
            Errno error = HmmRange.Snapshot(_memory, section, chunk, entries, Device);
            bool isRight;
            using (_lock.Hold())
                isRight = !section.Retry() && error == Errno.None;
            if (isRight)
            {
                for (int i = 0; i < entries.Length; i++)
                    seen[i] = Describe(entries[i]);
                return Errno.None;
            }

            if (error is not (Errno.None or Errno.Busy))
                return error;
            if (Environment.TickCount64 > end)
                return Errno.Busy;
        }

        return Errno.BadAddress;
    }

    // HMM_DMIRROR_PROT_*.
    private byte Describe(HmmEntry entry)
    {
        const byte none = 0x00, read = 0x01, write = 0x02, pmd = 0x04, zero = 0x10, privateLocal = 0x20;
        const byte coherentLocal = 0x40, coherentRemote = 0x50, wrong = 0xff;
        const int pmdOrder = 9;
        if (entry.IsError)
            return wrong;
        if (!entry.IsValid)
            return none;
        byte seen = entry.IsWritable ? write : read;
        if (entry.Order == pmdOrder)
            seen |= pmd;
        if (DeviceMemory.Of(entry.Frame) is { } memory)
            seen |= memory.Kind == DeviceMemoryKind.Private ? privateLocal : memory == Device.Memory ? coherentLocal : coherentRemote;
        else if (RemoteMemory.IsZeroPage(entry.Frame))
            seen |= zero;
        return seen;
    }
}
