namespace MmuNotifier.Simulation;

/// <summary>The huge pages that hugetlb mappings draw from (<c>hstate</c>). Guarded by the page-table lock.</summary>
/// <remarks>
/// Mapping reserves as many as the mapping is long; a fault uses one of the reserve. A page goes back when its last mapping goes.
/// Copies that a fork makes necessary are not reserved for: without a spare page the touch fails.
/// </remarks>
internal sealed class HugeTlbReserve
{
    private readonly FrameTable _frames;
    private readonly Stack<ulong> _free = new();
    private readonly HashSet<ulong> _blocks = [];
    private int _reserved;

    public HugeTlbReserve(FrameTable frames, int count)
    {
        _frames = frames;
        for (int i = 0; i < count; i++)
        {
            frames.TryAllocateBlock(out ulong first);
            _free.Push(first);
            _blocks.Add(first);
        }
    }

    public bool HasPages => _blocks.Count > 0;

    public bool TryReserve(int count)
    {
        if (_free.Count - _reserved < count)
            return false;
        _reserved += count;
        return true;
    }

    public void Unreserve(int count) => _reserved -= count;

    /// <summary>Takes a page of zeros, of the reservation or a spare one.</summary>
    /// <remarks>The frames keep the reference of the reserve itself; the mapping adds its own.</remarks>
    public bool TryTake(bool isReserved, out ulong firstFrame)
    {
        firstFrame = 0;
        if (!isReserved && _free.Count - _reserved < 1)
            return false;
        if (!_free.TryPop(out firstFrame))
            return false;
        if (isReserved)
            _reserved--;
        for (ulong i = 0; i < PageTable.HugePages; i++)
        {
            _frames.Copy(0, firstFrame + i);
            _frames.InfoOf(firstFrame + i).IsCached = false;
        }

        return true;
    }

    /// <summary>After a reference was dropped: takes the page back if nobody has it any more.</summary>
    public void Reclaim(ulong firstFrame)
    {
        if (_blocks.Contains(firstFrame) && _frames.ReferencesOf(firstFrame) == 1 && !_free.Contains(firstFrame))
            _free.Push(firstFrame);
    }
}
