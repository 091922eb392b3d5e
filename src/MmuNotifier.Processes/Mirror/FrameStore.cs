using System.Runtime.InteropServices;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>The device's memory: frames of one page each, in native memory. Guarded by the device's lock.</summary>
internal sealed unsafe class FrameStore : IDisposable
{
    internal const int FrameBytes = 4096;
    private const int FramesPerSlab = 512;

    private readonly List<nint> _slabs = [];
    private readonly Stack<int> _free = [];

    /// <summary>How many frames are in use.</summary>
    internal long Used { get; private set; }

    /// <summary>Native memory that is held, for frames in use and free ones.</summary>
    internal long ReservedBytes => (long)_slabs.Count * FramesPerSlab * FrameBytes;

    internal int Allocate()
    {
        if (!_free.TryPop(out int frame))
        {
            AddSlab();
            frame = _free.Pop();
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
        new((byte*)_slabs[frame / FramesPerSlab] + ((long)(frame % FramesPerSlab) * FrameBytes), FrameBytes);

    public void Dispose()
    {
        foreach (nint slab in _slabs)
            NativeMemory.AlignedFree((void*)slab);
        _slabs.Clear();
        _free.Clear();
    }

    private void AddSlab()
    {
        int first = _slabs.Count * FramesPerSlab;
        _slabs.Add((nint)NativeMemory.AlignedAlloc(FramesPerSlab * FrameBytes, FrameBytes));
        for (int i = FramesPerSlab - 1; i >= 0; i--)
            _free.Push(first + i);
    }
}
