using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>
/// All page frames: system memory by number, and how many entries hold each frame, those of devices too. A freed frame is filled with
/// <see cref="Poison"/>, so that whoever reads it through a stale entry sees that. Under the page-table lock.
/// </summary>
internal sealed class FrameTable
{
    public const ulong ZeroFrame = 1;
    public const byte Poison = 0xdb;
    public const int HugePages = 512;
    private const int FirstBlockFrame = HugePages;

    private readonly List<PageFrame?> _frames = [null, new PageFrame { References = 1 }];
    private readonly Stack<ulong> _freeFrames = new();
    private readonly Dictionary<ulong, int> _deviceReferences = [];
    private readonly int _capacity;
    private int _used;

    public FrameTable(int capacity) => _capacity = capacity;

    public long StaleAccesses { get; private set; }

    /// <returns>The frame, of zeros and held once; 0 if memory is used up.</returns>
    public ulong Allocate(bool isAnonymous)
    {
        if (_used >= _capacity)
            return 0;
        _used++;
        if (!_freeFrames.TryPop(out ulong number))
        {
            number = (ulong)_frames.Count;
            _frames.Add(null);
        }

        _frames[(int)number] = new PageFrame { References = 1, IsAnonymous = isAnonymous };
        return number;
    }

    /// <returns>The first of 512 frames in a row, aligned; 0 if memory is used up.</returns>
    public ulong AllocateBlock(bool isAnonymous)
    {
        if (_capacity - _used < HugePages)
            return 0;
        _used += HugePages;
        while (_frames.Count % HugePages != 0 || _frames.Count < FirstBlockFrame)
        {
            _freeFrames.Push((ulong)_frames.Count);
            _frames.Add(null);
        }

        ulong first = (ulong)_frames.Count;
        for (int i = 0; i < HugePages; i++)
            _frames.Add(new PageFrame { References = 1, IsAnonymous = isAnonymous });
        return first;
    }

    public void Hold(ulong frame)
    {
        if (frame == ZeroFrame)
            return;
        if (frame >= DeviceMemory.FirstDeviceFrame)
            _deviceReferences[frame] = ReferencesOf(frame) + 1;
        else
            _frames[(int)frame]!.References++;
    }

    /// <summary>One entry less holds the frame; the last one frees it, also a device's.</summary>
    public void Drop(ulong frame)
    {
        if (frame == ZeroFrame)
            return;
        if (frame >= DeviceMemory.FirstDeviceFrame)
        {
            DropDevice(frame);
            return;
        }

        PageFrame held = _frames[(int)frame]!;
        if (--held.References > 0)
            return;
        held.Bytes ??= new byte[MirroredMemory.PageBytes];
        held.Bytes.AsSpan().Fill(Poison);
        _used--;
        _freeFrames.Push(frame);
    }

    public int ReferencesOf(ulong frame)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame)
            return _deviceReferences.GetValueOrDefault(frame, 1);
        return frame == ZeroFrame ? int.MaxValue : _frames[(int)frame]!.References;
    }

    public bool IsAnonymous(ulong frame) => frame >= DeviceMemory.FirstDeviceFrame || _frames[(int)frame]!.IsAnonymous;

    public Errno Read(ulong frame, int offset, Span<byte> destination)
    {
        if (DeviceMemory.Of(frame) is { } device)
            return device.Read(frame, offset, destination);
        if (!TryGet(frame, out PageFrame? page))
            return Errno.BadAddress;
        if (page.Bytes is { } bytes)
            bytes.AsSpan(offset, destination.Length).CopyTo(destination);
        else
            destination.Clear();
        return Errno.None;
    }

    public Errno Write(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        if (DeviceMemory.Of(frame) is { } device)
            return device.Write(frame, offset, source);
        if (frame == ZeroFrame || !TryGet(frame, out PageFrame? page))
            return Errno.BadAddress;
        page.Bytes ??= new byte[MirroredMemory.PageBytes];
        source.CopyTo(page.Bytes.AsSpan(offset));
        return Errno.None;
    }

    public void Copy(ulong from, ulong to)
    {
        Span<byte> bytes = stackalloc byte[MirroredMemory.PageBytes];
        if (from == ZeroFrame || (from < DeviceMemory.FirstDeviceFrame && _frames[(int)from]!.Bytes is null))
            return;
        CopyBytesOf(from, bytes);
        Write(to, 0, bytes);
    }

    // A page of a device that is being taken back is revoked already: its bytes are read past the word.
    private unsafe void CopyBytesOf(ulong frame, Span<byte> destination)
    {
        if (DeviceMemory.Of(frame) is { } device)
            new ReadOnlySpan<byte>(device.AddressOf(frame), MirroredMemory.PageBytes).CopyTo(destination);
        else
            Read(frame, 0, destination);
    }

    private void DropDevice(ulong frame)
    {
        int left = ReferencesOf(frame) - 1;
        if (left > 1)
        {
            _deviceReferences[frame] = left;
            return;
        }

        _deviceReferences.Remove(frame);
        if (left == 0)
            DeviceMemory.Of(frame)?.Free(frame);
    }

    private bool TryGet(ulong frame, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PageFrame? page)
    {
        page = frame != 0 && frame < (ulong)_frames.Count ? _frames[(int)frame] : null;
        if (page is { References: 0 })
            StaleAccesses++;
        return page is not null;
    }
}
