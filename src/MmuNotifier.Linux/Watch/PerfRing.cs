using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// The ring of one processor into which the kernel writes a record for each new mapping and each mprotect of this process's threads, before
/// the call returns. It is mapped read-only: so the kernel never stops for a reader, and its head always moves.
/// </summary>
internal sealed unsafe class PerfRing
{
    private const int HeadOffset = 1024;
    private const int ReadOnly = 1;
    private const int Shared = 1;
    private const uint MappingRecordType = 10;
    private const int MappingRecordBytes = 72;

    // A record that is being written overwrites what lies a ring's length before it, ahead of the head: a path has at most 4096 bytes.
    private const ulong LargestRecord = 4096 + 256;

    private readonly byte* _data;
    private readonly ulong _dataBytes;
    private ulong _tail;

    private PerfRing(ulong address, ulong dataBytes)
    {
        _dataBytes = dataBytes;
        Head = (ulong*)(address + HeadOffset);
        _data = (byte*)address + PageSize.Bytes;
        _tail = Volatile.Read(ref *Head);
    }

    ~PerfRing() => Syscall.Unmap((ulong)_data - PageSize.Bytes, _dataBytes + PageSize.Bytes);

    internal ulong* Head { get; }

    /// <summary>Null with the error if the event's memory cannot be mapped.</summary>
    internal static PerfRing? Map(SafeFileHandle perfEvent, int dataPages, out Errno error)
    {
        ulong dataBytes = (ulong)dataPages * PageSize.Bytes;
        long address = Syscall.MapFile(0, dataBytes + PageSize.Bytes, ReadOnly, Shared, perfEvent, 0);
        error = Syscall.ErrorOf(address);
        return address < 0 ? null : new PerfRing((ulong)address, dataBytes);
    }

    /// <summary>Adds the new records that overlap what is watched. One thread at a time.</summary>
    /// <returns>False if records are lost, because too many came since the last call or more are found than the list is to hold.</returns>
    internal bool TryCollect(WatchedRanges watched, List<MappingRecord> records, int limit)
    {
        ulong head = Volatile.Read(ref *Head);
        ulong tail = _tail;
        ulong position = tail;
        _tail = head;
        if (head == tail)
            return true;
        if (head - tail > _dataBytes)
            return false;
        while (position != head)
        {
            ulong first = Word(position);
            ulong size = first >> 48;
            if (size < sizeof(ulong) || size % sizeof(ulong) != 0 || size > head - position)
                return false;
            bool isMapping = (uint)first == MappingRecordType && size >= MappingRecordBytes;
            if (isMapping && Parse(position) is { } record && watched.Overlaps(record.Range))
            {
                if (records.Count == limit)
                    return false;
                records.Add(record);
            }

            position += size;
        }

        // What was read counts only if the kernel has not come round meanwhile. The loads above come before this one: x64 keeps loads in
        // order, and a fence does so elsewhere.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *Head) + LargestRecord - tail <= _dataBytes;
    }

    private MappingRecord? Parse(ulong position)
    {
        ulong start = Word(position + 16);
        ulong length = Word(position + 24);
        return length == 0 || length - 1 > ulong.MaxValue - start
            ? null
            : new MappingRecord(AddressRange.FromLength(start, length), (MappingProtection)(Word(position + 64) & 7));
    }

    private ulong Word(ulong position) => *(ulong*)(_data + (position & (_dataBytes - 1)));
}
