using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Faults of devices, and their accesses.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <inheritdoc/>
    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null)
    {
        address = PageSize.StartOf(address);
        TakenPage page;
        bool isTaken;
        lock (_taken.Lock)
            isTaken = _taken.TryFind(address, out page);
        if (isTaken && page.IsMigrating)
        {
            // The thread that collected it holds the lock until it has moved or was put back.
            lock (_mappingLock)
                return Errno.Again;
        }

        Errno error = CheckMapping(address, isWrite);
        if (error != Errno.None)
            return error;
        bool isCoherent = isTaken && page.Memory!.Kind == DeviceMemoryKind.Coherent;
        if (isTaken && !isCoherent)
        {
            if (page.State != TakenState.Exclusive && owner is not null && page.Memory!.Owner == owner)
                return Errno.None;
            ReturnPage(address);
            return Errno.Again;
        }

        return isWrite ? FaultForWriting(address) : FaultForReading(address);
    }

    /// <inheritdoc/>
    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame && !TryFindResident(ref frame))
            return DeviceMemory.Of(frame)?.Read(frame, offset, destination) ?? Errno.BadAddress;
        fixed (byte* buffer = destination)
            return Access((frame * PageBytes) + (ulong)offset, buffer, destination.Length, isWrite: false);
    }

    /// <inheritdoc/>
    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame && !TryFindResident(ref frame))
            return DeviceMemory.Of(frame)?.Write(frame, offset, source) ?? Errno.BadAddress;
        fixed (byte* buffer = source)
            return Access((frame * PageBytes) + (ulong)offset, buffer, source.Length, isWrite: true);
    }

    /// <inheritdoc/>
    public override int ReadFrames(ReadOnlySpan<ulong> frames, Span<byte> destination)
    {
        int done = 0;
        while (done < frames.Length)
        {
            int count = ReadFirst(frames[done..], destination[(done * PageBytes)..]);
            if (count == 0)
                break;
            done += count;
        }

        return done;
    }

    // As many of the first pages as are read by one call to the kernel, or lie in the memory of a device; 0 if the first cannot be read.
    private int ReadFirst(ReadOnlySpan<ulong> frames, Span<byte> destination)
    {
        ulong number = frames[0];
        bool isOfProcess;
        int count = 1;
        lock (_taken.Lock)
        {
            isOfProcess = TryFindInProcess(ref number);
            for (; count < frames.Length; count++)
            {
                ulong next = frames[count];
                if (TryFindInProcess(ref next) != isOfProcess || (isOfProcess && next != number + (ulong)count))
                    break;
            }
        }

        if (isOfProcess && count > 1 && TryReadInProcess(number * PageBytes, destination[..(count * PageBytes)]))
            return count;
        return isOfProcess
            ? ReadFrame(frames[0], 0, destination[..PageBytes]) == Errno.None ? 1 : 0
            : base.ReadFrames(frames[..count], destination);
    }

    private bool TryFindInProcess(ref ulong frame) => frame < DeviceMemory.FirstDeviceFrame || _taken.TryFindResident(ref frame);

    private bool TryReadInProcess(ulong address, Span<byte> destination)
    {
        AddressRange range = AddressRange.FromLength(address, (ulong)destination.Length);
        _accessGate.EnterReadLock();
        try
        {
            lock (_taken.Lock)
            {
                if (_taken.EntriesIn(range).Exists(static pair => pair.Entry.State != TakenState.Resident))
                    return false;
            }

            fixed (byte* buffer = destination)
                return ReadProcess(range.Start, range.Last, buffer).Bytes == destination.Length;
        }
        finally
        {
            _accessGate.ExitReadLock();
        }
    }

    private bool TryFindResident(ref ulong frame)
    {
        lock (_taken.Lock)
            return _taken.TryFindResident(ref frame);
    }

    private Errno Access(ulong address, byte* buffer, int length, bool isWrite)
    {
        _accessGate.EnterReadLock();
        try
        {
            lock (_taken.Lock)
            {
                if (_taken.TryFind(PageSize.StartOf(address), out TakenPage page) && page.State != TakenState.Resident)
                    return Errno.Again;
            }

            // A page that is missing now is answered for by the event reader, which waits for nobody.
            ulong last = address + (ulong)length - 1;
            MemoryReadResult result = isWrite ? WriteProcess(address, last, buffer) : ReadProcess(address, last, buffer);
            if (result.Bytes == length)
                return Errno.None;
            if (result.Error is not (Errno.BadAddress or Errno.None))
                return Errno.BadAddress;
        }
        finally
        {
            _accessGate.ExitReadLock();
        }

        // Unmapped, or permits it no longer: devices are told, and their next fault says which.
        _changes.Add(new RemoteChange(RemoteChangeKind.Changed, PageSize.RangeOf(address), InvalidationEvent.ProtectionPage));
        return Errno.Again;
    }

    // Both go by the number of the process, which is another's some time after its end. What was read from another is thrown away.
    private MemoryReadResult ReadProcess(ulong start, ulong last, void* destination)
    {
        MemoryReadResult result = ProcessMemory.Read(_processId, start, last, destination);
        return IsAlive ? result : new MemoryReadResult(0, Errno.NoProcess);
    }

    private MemoryReadResult WriteProcess(ulong start, ulong last, void* source) =>
        IsAlive ? ProcessMemory.Write(_processId, start, last, source) : new MemoryReadResult(0, Errno.NoProcess);

    private Errno CheckMapping(ulong address, bool isWrite)
    {
        if (!TryFindMapping(address, out Mapping mapping) || mapping.Range.Start > address
            || mapping.Backing == MappingBacking.Device || (mapping.Protection & Protection.Read) == 0)
        {
            return Errno.BadAddress;
        }

        return isWrite && (mapping.Protection & Protection.Write) == 0 ? Errno.NotPermitted : Errno.None;
    }

    private Errno FaultForReading(ulong address)
    {
        byte content;
        MemoryReadResult result = ReadProcess(address, address, &content);
        return result.Bytes == 1 ? Errno.None : Errno.BadAddress;
    }

    private Errno FaultForWriting(ulong address)
    {
        // From outside there is no fault for writing that does not write. The write itself will make the page writable.
        Errno error = Calls?.Advise(PageSize.RangeOf(address), PopulateWrite) ?? FaultForReading(address);
        if (error != Errno.None)
            return CheckMapping(address, isWrite: true) is var reason and not Errno.None ? reason : Errno.BadAddress;
        lock (_taken.Lock)
            _madeWritable.Add(address);
        return Errno.None;
    }
}
