using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>
/// The frames of a machine: allocation, contents and references, of devices' frames too. Guarded by the page-table lock.
/// </summary>
/// <remarks>
/// Single frames are taken round-robin from the lower half, so that a freed one rests before it is used again and stale uses show; huge
/// blocks from the top. Either takes the other's part when its own is full.
/// </remarks>
internal sealed class FrameTable
{
    /// <summary>Number of the first frame; aligned to a huge page.</summary>
    public const ulong First = 0x10_0000;

    /// <summary>The page of zeros that read faults map; never counted. 512 frames for the huge one.</summary>
    public const ulong Zero = 0x8_0000;

    /// <summary>What a free frame reads as.</summary>
    public const byte Poison = 0x6b;

    private const int BlockFrames = PageTable.HugePages;
    private const int WordsPerBlock = BlockFrames / 64;

    private static readonly byte[] s_zeros = new byte[MirroredMemory.PageBytes];

    private readonly Frame[]?[] _blocks;
    private readonly ulong[] _used;
    private readonly int[] _usedInBlock;
    private readonly Stack<byte[]> _pool = new();
    private readonly Dictionary<ulong, int> _deviceReferences = [];
    private int _cursor;

    public FrameTable(int count)
    {
        _blocks = new Frame[]?[count / BlockFrames];
        _usedInBlock = new int[_blocks.Length];
        _used = new ulong[_blocks.Length * WordsPerBlock];
        FreeCount = count;
    }

    public int FreeCount { get; private set; }

    public long StaleAccesses { get; private set; }

    public static bool IsZero(ulong frame) => frame - Zero < BlockFrames;

    /// <summary>A frame of zeros with one reference.</summary>
    public bool TryAllocate(out ulong frame)
    {
        frame = 0;
        if (FreeCount == 0)
            return false;
        int half = _blocks.Length / 2 * BlockFrames;
        int index = FindFree(_cursor, half);
        if (index < 0)
            index = FindFree(0, Math.Min(_cursor, half));
        if (index < 0)
            index = FindFree(half, _blocks.Length * BlockFrames);
        _cursor = index + 1 < half ? index + 1 : 0;
        frame = Take(index);
        return true;
    }

    /// <summary>512 frames of zeros, aligned, with one reference each.</summary>
    public bool TryAllocateBlock(out ulong firstFrame)
    {
        for (int block = _blocks.Length - 1; block >= 0; block--)
        {
            if (_usedInBlock[block] != 0)
                continue;
            for (int i = 0; i < BlockFrames; i++)
                Take((block * BlockFrames) + i);
            firstFrame = First + (ulong)(block * BlockFrames);
            return true;
        }

        firstFrame = 0;
        return false;
    }

    /// <summary>Adds a reference; of the page of zeros none is counted.</summary>
    public void AddReference(ulong frame)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame)
            CollectionsMarshal.GetValueRefOrAddDefault(_deviceReferences, frame, out _)++;
        else if (!IsZero(frame))
            InfoOf(frame).References++;
    }

    /// <summary>Drops a reference; the last one frees the frame.</summary>
    public void Release(ulong frame)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame)
            ReleaseOfDevice(frame);
        else if (!IsZero(frame) && --InfoOf(frame).References == 0)
            Free(frame);
    }

    public int ReferencesOf(ulong frame) =>
        frame >= DeviceMemory.FirstDeviceFrame ? _deviceReferences.GetValueOrDefault(frame) : IsZero(frame) ? int.MaxValue : InfoOf(frame).References;

    public ref Frame InfoOf(ulong frame)
    {
        int index = (int)(frame - First);
        Frame[]? block = _blocks[index / BlockFrames];
        Debug.Assert(block?[index % BlockFrames].Bytes is not null, "Only frames in use are asked about.");
        return ref block![index % BlockFrames];
    }

    public bool IsAnonymous(ulong frame) => frame >= DeviceMemory.FirstDeviceFrame || (!IsZero(frame) && !InfoOf(frame).IsCached);

    /// <summary>Reads bytes of any frame: of the system, of a device, or the page of zeros.</summary>
    public Errno Read(ulong frame, int offset, Span<byte> destination)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame)
            return DeviceMemory.Of(frame)?.Read(frame, offset, destination) ?? Errno.BadAddress;
        if (IsZero(frame))
        {
            destination.Clear();
            return Errno.None;
        }

        if (BytesOf(frame) is not { } bytes)
        {
            destination.Fill(Poison);
            return Stale();
        }

        bytes.AsSpan(offset, destination.Length).CopyTo(destination);
        return Errno.None;
    }

    /// <summary>Writes bytes of any frame but the page of zeros.</summary>
    public Errno Write(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        if (frame >= DeviceMemory.FirstDeviceFrame)
            return DeviceMemory.Of(frame)?.Write(frame, offset, source) ?? Errno.BadAddress;
        if (IsZero(frame) || BytesOf(frame) is not { } bytes)
            return Stale();
        source.CopyTo(bytes.AsSpan(offset));
        InfoOf(frame).IsLazilyFree = false;
        return Errno.None;
    }

    /// <summary>Copies a page; source 0 is zeros.</summary>
    public Errno Copy(ulong source, ulong destination)
    {
        if (source == 0 || IsZero(source))
            return Write(destination, 0, s_zeros);
        Span<byte> bytes = stackalloc byte[MirroredMemory.PageBytes];
        Errno error = Read(source, 0, bytes);
        return error == Errno.None ? Write(destination, 0, bytes) : error;
    }

    /// <summary>Copies a page of a device that nothing but the caller's entry maps: no device access reaches it any more.</summary>
    public unsafe Errno CopyRevoked(ulong source, ulong destination)
    {
        if (DeviceMemory.Of(source) is not { } memory)
            return Errno.BadAddress;
        memory.Revoke(source);
        return Write(destination, 0, new ReadOnlySpan<byte>(memory.AddressOf(source), MirroredMemory.PageBytes));
    }

    private Errno Stale()
    {
        StaleAccesses++;
        return Errno.BadAddress;
    }

    private byte[]? BytesOf(ulong frame)
    {
        ulong index = frame - First;
        return index < (ulong)_blocks.Length * BlockFrames ? _blocks[index / BlockFrames]?[index % BlockFrames].Bytes : null;
    }

    private int FindFree(int from, int end)
    {
        while (from < end)
        {
            int block = from / BlockFrames;
            ulong free = _usedInBlock[block] == BlockFrames ? 0 : ~_used[from / 64] & (ulong.MaxValue << (from % 64));
            if (free != 0)
            {
                int found = (from / 64 * 64) + BitOperations.TrailingZeroCount(free);
                return found < end ? found : -1;
            }

            from = _usedInBlock[block] == BlockFrames ? (block + 1) * BlockFrames : (from / 64 * 64) + 64;
        }

        return -1;
    }

    private ulong Take(int index)
    {
        _used[index / 64] |= 1UL << (index % 64);
        _usedInBlock[index / BlockFrames]++;
        FreeCount--;
        if (_pool.TryPop(out byte[]? bytes))
            Array.Clear(bytes);
        else
            bytes = new byte[MirroredMemory.PageBytes];
        Frame[] block = _blocks[index / BlockFrames] ??= new Frame[BlockFrames];
        block[index % BlockFrames] = new Frame { Bytes = bytes, References = 1 };
        return First + (ulong)index;
    }

    private void Free(ulong frame)
    {
        int index = (int)(frame - First);
        ref Frame info = ref InfoOf(frame);
        _pool.Push(info.Bytes!);
        info = default;
        _used[index / 64] &= ~(1UL << (index % 64));
        _usedInBlock[index / BlockFrames]--;
        FreeCount++;
    }

    private void ReleaseOfDevice(ulong frame)
    {
        ref int references = ref CollectionsMarshal.GetValueRefOrAddDefault(_deviceReferences, frame, out _);
        if (--references > 0)
            return;
        _deviceReferences.Remove(frame);
        DeviceMemory.Of(frame)?.Free(frame);
    }
}
