namespace MmuNotifier.Processes;

/// <summary>Pages that were copied while a process was stopped, and are written to the file later. Guarded by its owner.</summary>
internal sealed class StagedPages
{
    private const int TouchedBytes = 8 << 20;

    private readonly List<AddressRange> _ranges = [];
    private byte[] _bytes = [];
    private int _used;

    internal delegate void PageWriter(AddressRange range, ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Has the memory there, and as much of it touched as a stop usually needs: a first touch takes longer than the copy of a page.
    /// </summary>
    internal void Prepare(int bytes)
    {
        if (_bytes.Length != 0)
            return;
        _bytes = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        _bytes.AsSpan(0, Math.Min(bytes, TouchedBytes)).Clear();
    }

    internal bool HasRoom(int bytes) => bytes <= _bytes.Length - _used;

    internal bool TryAdd(AddressRange range, ReadOnlySpan<byte> bytes)
    {
        if (!HasRoom(bytes.Length))
            return false;
        bytes.CopyTo(_bytes.AsSpan(_used));
        _used += bytes.Length;
        _ranges.Add(range);
        return true;
    }

    /// <summary>Passes all of it on, and is empty then.</summary>
    internal void Take(PageWriter write)
    {
        int offset = 0;
        foreach (AddressRange range in _ranges)
        {
            write(range, _bytes.AsSpan(offset, (int)range.Length));
            offset += (int)range.Length;
        }

        _ranges.Clear();
        _used = 0;
    }
}
