using System.Runtime.InteropServices;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// The device's memory: frames of one size, in native memory, one for each page that it holds. Guarded by the device's lock.
/// </summary>
internal sealed unsafe class FrameStore(int frameBytes) : IDisposable
{
    private const int SlabBytes = 2 << 20;
    private const int SlabAlignment = 4096;

    private readonly int _framesPerSlab = SlabBytes / frameBytes;
    private readonly List<nint> _slabs = [];
    private readonly Stack<int> _free = [];

    /// <summary>How many frames there are, in use and free; those from here on have no memory yet.</summary>
    private int _count;

    /// <summary>How many frames are in use.</summary>
    internal long Used { get; private set; }

    /// <summary>Native memory that is held, for frames in use and free ones.</summary>
    internal long ReservedBytes => (long)_slabs.Count * SlabBytes;

    internal int Allocate()
    {
        if (!_free.TryPop(out int frame))
        {
            if (_count == _slabs.Count * _framesPerSlab)
                _slabs.Add((nint)NativeMemory.AlignedAlloc(SlabBytes, SlabAlignment));
            frame = _count++;
        }

        Used++;
        return frame;
    }

    internal void Free(int frame)
    {
        _free.Push(frame);
        Used--;
    }

    internal Span<byte> Bytes(int frame) =>
        new((byte*)_slabs[frame / _framesPerSlab] + ((long)(frame % _framesPerSlab) * frameBytes), frameBytes);

    public void Dispose()
    {
        foreach (nint slab in _slabs)
            NativeMemory.AlignedFree((void*)slab);
        _slabs.Clear();
        _free.Clear();
        _count = 0;
    }
}
