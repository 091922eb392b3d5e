namespace MmuNotifier.Hmm;

/// <content>Snapshots: what the CPU maps, without faulting.</content>
public sealed partial class MirrorDeviceFile
{
    private Errno Snapshot(AddressRange range, byte[] seen)
    {
        for (ulong start = range.Start; ;)
        {
            AddressRange chunk = FirstChunk(start, range.Last);
            Errno error = SnapshotChunk(chunk, seen.AsSpan(PagesOf(range) - PagesOf(new AddressRange(start, range.Last)), PagesOf(chunk)));
            if (error != Errno.None || chunk.Last == range.Last)
                return error;
            start = chunk.Last + 1;
        }
    }

    private Errno SnapshotChunk(AddressRange chunk, Span<byte> seen)
    {
        var entries = new HmmEntry[seen.Length];
        var notifier = new SnapshotNotifier();
        if (!_memory.Space.TryInsert(notifier, chunk))
            return Errno.BadAddress;
        try
        {
            long end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
            while (Environment.TickCount64 <= end)
            {
                ReadSection section = notifier.ReadBegin();
                if (section.Status != ReadStatus.Open)
                    return Errno.BadAddress;
                Errno error = HmmRange.Snapshot(_memory, section, chunk, entries, Device);
                if (error is not (Errno.None or Errno.Busy))
                    return error;
                if (error == Errno.Busy || !IsStill(section))
                    continue;
                for (int i = 0; i < entries.Length; i++)
                    seen[i] = Describe(entries[i]);
                return Errno.None;
            }

            return Errno.Busy;
        }
        finally
        {
            notifier.Remove();
        }
    }

    private bool IsStill(in ReadSection section)
    {
        using (_lock.Hold())
            return !section.Retry();
    }

    // HMM_DMIRROR_PROT_*.
    private byte Describe(HmmEntry entry)
    {
        const byte none = 0x00, read = 0x01, write = 0x02, pmd = 0x04, pud = 0x08, zero = 0x10, privateLocal = 0x20;
        const byte coherentLocal = 0x40, coherentRemote = 0x50, wrong = 0xff;
        const int pmdOrder = 9, pudOrder = 18;
        if (entry.IsError)
            return wrong;
        if (!entry.IsValid)
            return none;
        byte seen = entry.IsWritable ? write : read;
        if (entry.Order >= pudOrder)
            seen |= pud;
        else if (entry.Order >= pmdOrder)
            seen |= pmd;
        if (DeviceMemory.Of(entry.Frame) is { } memory)
            seen |= memory.Kind == DeviceMemoryKind.Private ? privateLocal : memory == Device.Memory ? coherentLocal : coherentRemote;
        else if (_memory.IsZeroFrame(entry.Frame))
            seen |= zero;
        return seen;
    }
}
