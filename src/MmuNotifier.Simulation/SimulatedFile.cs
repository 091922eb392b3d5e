using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>A file in memory (memfd): its page cache, and the address spaces that map it. Its state is under the page-table lock.</summary>
internal sealed class SimulatedFile : MemoryFile
{
    private readonly SimulatedMachine _machine;
    private readonly Dictionary<ulong, ulong> _cache = [];
    private readonly List<SimulatedMemory> _mappers = [];
    private ulong _length;

    public SimulatedFile(SimulatedMachine machine, ulong length, bool isNameless)
    {
        _machine = machine;
        _length = length;
        IsNameless = isNameless;
    }

    /// <summary>Shared anonymous memory.</summary>
    public bool IsNameless { get; }

    /// <inheritdoc/>
    public override ulong Length
    {
        get
        {
            using (_machine.PageTableLock.Hold())
                return _length;
        }
    }

    /// <inheritdoc/>
    public override Errno Truncate(ulong length)
    {
        using (_machine.PageTableLock.Hold())
        {
            // First the length: a fault that comes now finds the page beyond the end.
            ulong before = _length;
            _length = length;
            if (length >= before)
                return Errno.None;
        }

        ulong firstGone = (length + MirroredMemory.PageBytes - 1) & ~(ulong)(MirroredMemory.PageBytes - 1);
        ZapMappings(firstGone, ulong.MaxValue, evenPrivateCopies: true);
        using (_machine.PageTableLock.Hold())
        {
            DropCache(firstGone / MirroredMemory.PageBytes, ulong.MaxValue);
            Clear(length, firstGone);
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno PunchHole(ulong offset, ulong length)
    {
        if (length == 0 || offset + length < offset)
            return Errno.InvalidArgument;
        ulong first = (offset + MirroredMemory.PageBytes - 1) & ~(ulong)(MirroredMemory.PageBytes - 1);
        ulong end = (offset + length) & ~(ulong)(MirroredMemory.PageBytes - 1);
        if (first < end)
            ZapMappings(first, end - 1, evenPrivateCopies: false);
        using (_machine.PageTableLock.Hold())
        {
            if (first >= end)
            {
                Clear(offset, offset + length);
                return Errno.None;
            }

            Clear(offset, first);
            DropCache(first / MirroredMemory.PageBytes, (end / MirroredMemory.PageBytes) - 1);
            Clear(end, offset + length);
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public override int Read(ulong offset, Span<byte> destination)
    {
        using (_machine.PageTableLock.Hold())
        {
            if (offset >= _length)
                return 0;
            int count = (int)Math.Min((ulong)destination.Length, _length - offset);
            for (int done = 0; done < count;)
            {
                ulong at = offset + (ulong)done;
                int start = (int)(at % MirroredMemory.PageBytes);
                Span<byte> part = destination.Slice(done, Math.Min(count - done, MirroredMemory.PageBytes - start));
                if (_cache.TryGetValue(at / MirroredMemory.PageBytes, out ulong frame))
                    _machine.Frames.Read(frame, start, part);
                else
                    part.Clear();
                done += part.Length;
            }

            return count;
        }
    }

    /// <inheritdoc/>
    public override Errno Write(ulong offset, ReadOnlySpan<byte> source)
    {
        using (_machine.PageTableLock.Hold())
        {
            for (int done = 0; done < source.Length;)
            {
                ulong at = offset + (ulong)done;
                int start = (int)(at % MirroredMemory.PageBytes);
                int count = Math.Min(source.Length - done, MirroredMemory.PageBytes - start);
                _length = Math.Max(_length, at + (ulong)count);
                ulong frame = FrameOf(at / MirroredMemory.PageBytes, makes: true);
                if (frame == 0)
                    return Errno.NoSpace;
                _machine.Frames.Write(frame, start, source.Slice(done, count));
                done += count;
            }

            return Errno.None;
        }
    }

    /// <summary>The frame of a page of the file; 0 beyond its end, or where it has none and none is to be made, or memory is used up.</summary>
    internal ulong FrameOf(ulong page, bool makes)
    {
        if (_cache.TryGetValue(page, out ulong frame) || !makes)
            return frame;
        frame = _machine.Frames.Allocate(isAnonymous: false);
        if (frame != 0)
            _cache.Add(page, frame);
        return frame;
    }

    internal bool HasPage(ulong page) => page < (_length + MirroredMemory.PageBytes - 1) / MirroredMemory.PageBytes;

    internal void AddMapper(SimulatedMemory memory)
    {
        if (!_mappers.Contains(memory))
            _mappers.Add(memory);
    }

    internal void RemoveMapper(SimulatedMemory memory) => _mappers.Remove(memory);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        using (_machine.PageTableLock.Hold())
        {
            if (_mappers.Count == 0)
                DropCache(0, ulong.MaxValue);
        }
    }

    // No lock is held: each address space raises its invalidation.
    private void ZapMappings(ulong firstByte, ulong lastByte, bool evenPrivateCopies)
    {
        SimulatedMemory[] mappers;
        using (_machine.PageTableLock.Hold())
            mappers = [.. _mappers];
        foreach (SimulatedMemory memory in mappers)
            memory.ZapFile(this, firstByte, lastByte, evenPrivateCopies);
    }

    private void DropCache(ulong firstPage, ulong lastPage)
    {
        var gone = new List<ulong>();
        foreach (ulong page in _cache.Keys)
        {
            if (page >= firstPage && page <= lastPage)
                gone.Add(page);
        }

        gone.Sort();
        foreach (ulong page in gone)
        {
            _machine.Frames.Drop(_cache[page]);
            _cache.Remove(page);
        }
    }

    // Bytes of at most one page each side of what goes whole.
    private void Clear(ulong start, ulong end)
    {
        Span<byte> zeros = stackalloc byte[MirroredMemory.PageBytes];
        zeros.Clear();
        while (start < end)
        {
            int offset = (int)(start % MirroredMemory.PageBytes);
            int count = (int)Math.Min(end - start, (ulong)(MirroredMemory.PageBytes - offset));
            if (_cache.TryGetValue(start / MirroredMemory.PageBytes, out ulong frame))
                _machine.Frames.Write(frame, offset, zeros[..count]);
            start += (ulong)count;
        }
    }
}
