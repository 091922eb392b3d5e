using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>A file of a simulated machine, or the nameless one behind shared anonymous memory: a page cache and a length.</summary>
/// <remarks>Fields are guarded by the page-table lock. It lives until it is closed and unmapped.</remarks>
internal sealed partial class SimulatedFile : MemoryFile
{
    private readonly Dictionary<ulong, ulong> _pages = [];
    private readonly bool _isHugeTlb;
    private ulong _length;
    private int _mappings;
    private bool _isOpen;

    /// <param name="machine">The machine that has the file.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="isNameless">Whether it is shared anonymous memory, and goes with its last mapping.</param>
    /// <param name="isHugeTlb">Whether it is of huge pages, which are reserved.</param>
    public SimulatedFile(SimulatedMachine machine, ulong length, bool isNameless, bool isHugeTlb = false)
    {
        Machine = machine;
        IsNameless = isNameless;
        _length = length;
        _isHugeTlb = isHugeTlb;
        _isOpen = !isNameless;
    }

    public SimulatedMachine Machine { get; }

    public bool IsNameless { get; }

    /// <inheritdoc/>
    public override ulong Length
    {
        get
        {
            using (Machine.TableLock.Hold())
                return _length;
        }
    }

    private FrameTable Frames => Machine.Frames;

    /// <inheritdoc/>
    public override int Read(ulong offset, Span<byte> destination)
    {
        using (Machine.TableLock.Hold())
        {
            if (offset >= _length)
                return 0;
            int length = (int)Math.Min((ulong)destination.Length, _length - offset);
            for (int done = 0; done < length;)
            {
                Span<byte> part = destination[done..(done + PartLength(offset, length - done))];
                if (_pages.TryGetValue(offset / MirroredMemory.PageBytes, out ulong frame))
                    Frames.Read(frame, (int)(offset % MirroredMemory.PageBytes), part);
                else
                    part.Clear();
                done += part.Length;
                offset += (ulong)part.Length;
            }

            return length;
        }
    }

    /// <inheritdoc/>
    public override Errno Write(ulong offset, ReadOnlySpan<byte> source)
    {
        using (Machine.TableLock.Hold())
        {
            while (!source.IsEmpty)
            {
                ReadOnlySpan<byte> part = source[..PartLength(offset, source.Length)];
                if (!TryGetPage(offset / MirroredMemory.PageBytes, out ulong frame))
                    return Errno.NoSpace;
                Frames.Write(frame, (int)(offset % MirroredMemory.PageBytes), part);
                offset += (ulong)part.Length;
                _length = Math.Max(_length, offset);
                source = source[part.Length..];
            }

            return Errno.None;
        }
    }

    /// <summary>Whether the page is not beyond the end.</summary>
    public bool Covers(ulong page)
    {
        Machine.TableLock.AssertHeld();
        return page < PagesOf(_length);
    }

    /// <summary>The page's frame, made if it does not exist. No reference is added.</summary>
    public bool TryGetPage(ulong page, out ulong frame)
    {
        Machine.TableLock.AssertHeld();
        if (_pages.TryGetValue(page, out frame))
            return true;
        if (!Frames.TryAllocate(out frame))
            return false;
        Frames.InfoOf(frame).IsCached = true;
        _pages.Add(page, frame);
        return true;
    }

    /// <summary>The first frame of a huge page, made if it does not exist.</summary>
    public bool TryGetHugePage(ulong page, out ulong frame)
    {
        if (!Covers(page))
        {
            frame = 0;
            return false;
        }

        if (_pages.TryGetValue(page, out frame))
            return true;
        if (!Machine.HugeTlb.TryTake(isReserved: true, out frame))
            return false;
        for (ulong i = 0; i < PageTable.HugePages; i++)
            Frames.AddReference(frame + i);
        _pages.Add(page, frame);
        return true;
    }

    /// <summary>A mapping of it was made.</summary>
    public void Mapped()
    {
        Machine.TableLock.AssertHeld();
        _mappings++;
    }

    /// <summary>A mapping of it has gone.</summary>
    public void Unmapped()
    {
        Machine.TableLock.AssertHeld();
        _mappings--;
        DropIfUnused();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        using (Machine.TableLock.Hold())
        {
            _isOpen = false;
            DropIfUnused();
        }
    }

    private static ulong PagesOf(ulong length) => (length / MirroredMemory.PageBytes) + (length % MirroredMemory.PageBytes == 0 ? 0UL : 1);

    private static int PartLength(ulong offset, int length) =>
        (int)Math.Min((ulong)length, MirroredMemory.PageBytes - (offset % MirroredMemory.PageBytes));

    private void DropIfUnused()
    {
        if (_isOpen || _mappings > 0)
            return;
        if (_isHugeTlb)
            Machine.HugeTlb.Unreserve((int)(_length / PageTable.HugeBytes) - _pages.Count);
        foreach (ulong frame in _pages.Values)
            ReleasePage(frame);
        _pages.Clear();
        _length = 0;
    }

    private void ReleasePage(ulong frame)
    {
        for (ulong i = 0; i < (_isHugeTlb ? PageTable.HugePages : 1UL); i++)
            Frames.Release(frame + i);
        if (_isHugeTlb)
            Machine.HugeTlb.Reclaim(frame);
    }
}
