using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MmuNotifier.Hmm;

/// <summary>
/// The memory of one device: a number of page frames with an owner (<c>dev_pagemap</c>). The bytes and a word for each frame lie in native
/// memory, so that a fault handler that shares no garbage collector with this process's managed code can take pages back by itself.
/// </summary>
/// <remarks>
/// <para>Frames have numbers from <see cref="FirstDeviceFrame"/> on, so that an entry's frame shows whose it is (<see cref="Of"/>). A
/// number carries the generation of its page: freeing a page ends the number, so a table entry that outlives its page reaches no other
/// page. A number can only come back after its page was freed 32,768 times.</para>
/// <para>The code that allocates a frame owns it and frees it once; <see cref="PageMigration"/> takes over the frames that are named as
/// destinations. Freeing a number twice throws.</para>
/// <para>All methods may be called from any thread under any lock. The word of a frame: bit 31 says that the page may not be accessed
/// (free, or taken back by the CPU), bits 16 to 30 are the generation, the bits below count accesses under way. Accesses are short, so
/// <see cref="Revoke"/> spins until they have ended.</para>
/// <para>While a page of this process's own memory is in a frame, access it through <see cref="MirroredMemory.ReadFrame"/> and
/// <see cref="MirroredMemory.WriteFrame"/> only: an access from here can be stopped half-way for a garbage collection, which then waits
/// for the thread that touches the page by pointer, which waits for the access.</para>
/// </remarks>
public sealed unsafe partial class DeviceMemory : IDisposable
{
    /// <summary>Where the frame numbers of devices begin; those of system memory are below.</summary>
    public const ulong FirstDeviceFrame = 1UL << 40;

    private const int FramesPerDeviceShift = 24;
    private const int MaxDevices = 1 << 16;

    // Generations lie above the device's bit in a frame's number, and below the map order of an HmmEntry.
    private const int GenerationShiftInFrame = 41;
    private const uint GenerationMask = 0x7fff;

    private const uint Revoked = 1u << 31;
    private const int GenerationShiftInWord = 16;
    private const uint CountMask = (1u << GenerationShiftInWord) - 1;

    private static readonly Lock s_registryLock = new();
    private static readonly List<WeakReference<DeviceMemory>?> s_registry = [];

    // Under the registry's lock. A memory that takes over the place of a disposed one must not take over its numbers.
    private static uint s_firstGeneration;

    private readonly Lock _lock = new();
    private readonly FreeFrames _free;
    private readonly int _registryIndex;
    private readonly byte* _bytes;
    private readonly uint* _words;
    private bool _isDisposed;

    /// <summary>Makes the memory of a device, all of it free.</summary>
    /// <param name="kind">Who reaches it.</param>
    /// <param name="owner">The device; compared by reference with the owners of notifiers and migrations.</param>
    /// <param name="capacityPages">Pages it has: 1 to 16,777,215.</param>
    public DeviceMemory(DeviceMemoryKind kind, object owner, int capacityPages)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityPages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacityPages, (1 << FramesPerDeviceShift) - 1);
        Kind = kind;
        Owner = owner;
        CapacityPages = capacityPages;
        _bytes = (byte*)NativeMemory.AlignedAlloc((nuint)capacityPages * MirroredMemory.PageBytes, MirroredMemory.PageBytes);
        _words = (uint*)NativeMemory.Alloc((nuint)capacityPages, sizeof(uint));
        _free = new FreeFrames(capacityPages);
        uint generation;
        lock (s_registryLock)
        {
            generation = s_firstGeneration++ & GenerationMask;
            _registryIndex = s_registry.IndexOf(null);
            if (_registryIndex < 0)
            {
                if (s_registry.Count == MaxDevices)
                    throw new InvalidOperationException($"There are {MaxDevices} device memories already; dispose one first.");
                _registryIndex = s_registry.Count;
                s_registry.Add(null);
            }

            s_registry[_registryIndex] = new WeakReference<DeviceMemory>(this);
        }

        new Span<uint>(_words, capacityPages).Fill(Revoked | (generation << GenerationShiftInWord));
    }

    /// <summary>Frees the native memory.</summary>
    ~DeviceMemory() => Release();

    /// <summary>Who reaches the pages.</summary>
    public DeviceMemoryKind Kind { get; }

    /// <summary>The device.</summary>
    public object Owner { get; }

    /// <summary>Pages it has.</summary>
    public int CapacityPages { get; }

    /// <summary>Pages that are free now.</summary>
    public int FreePages
    {
        get
        {
            lock (_lock)
                return _free.Count;
        }
    }

    private ulong FirstFrame => FirstDeviceFrame + ((ulong)_registryIndex << FramesPerDeviceShift);

    /// <summary>The device memory that a frame belongs to; null for a frame of system memory.</summary>
    /// <param name="frame">A frame number.</param>
    public static DeviceMemory? Of(ulong frame)
    {
        if (frame < FirstDeviceFrame)
            return null;
        int index = (int)((WithoutGeneration(frame) - FirstDeviceFrame) >> FramesPerDeviceShift);
        lock (s_registryLock)
        {
            return index < s_registry.Count && s_registry[index] is { } reference && reference.TryGetTarget(out DeviceMemory? memory)
                ? memory : null;
        }
    }

    /// <summary>Takes a free page, filled with zeros.</summary>
    /// <param name="frame">Its frame.</param>
    /// <returns>False if none is free.</returns>
    public bool TryAllocate(out ulong frame)
    {
        int index;
        lock (_lock)
        {
            if (_isDisposed || !_free.TryTake(out index))
            {
                frame = 0;
                return false;
            }
        }

        Prepare(index);
        frame = FrameOf(index);
        return true;
    }

    /// <summary>Gives a page back: accesses under way end, its content goes, its number names no page any more.</summary>
    /// <param name="frame">A frame of this memory, which the caller owns.</param>
    /// <exception cref="InvalidOperationException">The frame was freed before.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed of before.</exception>
    public void Free(ulong frame)
    {
        int index = IndexOf(frame);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Revoke(frame); // Nothing if the number has ended.
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_free.Contains(index) || !IsCurrent(index, frame))
                throw new InvalidOperationException($"Frame 0x{frame:x} is free already: it has two owners.");
            EndGeneration(index);
            _free.Add(index);
        }
    }

    /// <summary>Reads bytes of a page.</summary>
    /// <param name="frame">A frame of this memory.</param>
    /// <param name="offset">First byte in the page.</param>
    /// <param name="destination">Gets the bytes; within the page.</param>
    /// <returns>None, or Again if the page was taken back or freed.</returns>
    public Errno Read(ulong frame, int offset, Span<byte> destination)
    {
        int index = IndexOf(frame);
        if (!TryEnter(index, frame))
            return Errno.Again;
        BytesOf(index).Slice(offset, destination.Length).CopyTo(destination);
        Leave(index);
        return Errno.None;
    }

    /// <summary>Writes bytes of a page.</summary>
    /// <param name="frame">A frame of this memory.</param>
    /// <param name="offset">First byte in the page.</param>
    /// <param name="source">The bytes; within the page.</param>
    /// <returns>None, or Again if the page was taken back or freed.</returns>
    public Errno Write(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        int index = IndexOf(frame);
        if (!TryEnter(index, frame))
            return Errno.Again;
        source.CopyTo(BytesOf(index)[offset..]);
        Leave(index);
        return Errno.None;
    }

    /// <summary>
    /// Forbids accesses to a page, and waits for those under way. The content stays until the page is freed; <see cref="Restore"/> undoes
    /// it.
    /// </summary>
    /// <param name="frame">A frame of this memory. Nothing happens if it was freed: its number reaches no page.</param>
    /// <returns>Whether it was accessible until now.</returns>
    public bool Revoke(ulong frame)
    {
        int index = IndexOf(frame);
        if (!TryChange(index, frame, set: Revoked, clear: 0, out uint before))
            return false;
        var spinner = default(SpinWait);
        while ((Volatile.Read(ref _words[index]) & CountMask) != 0)
            spinner.SpinOnce();
        return (before & Revoked) == 0;
    }

    /// <summary>Permits accesses to a page again: it was revoked, and stays with the device after all.</summary>
    /// <param name="frame">A frame of this memory. Nothing happens if it was freed.</param>
    public void Restore(ulong frame) => TryChange(IndexOf(frame), frame, set: 0, clear: Revoked, out _);

    /// <summary>Whether a page may not be accessed (now): it is free, or was taken back.</summary>
    /// <param name="frame">A frame of this memory.</param>
    public bool IsRevoked(ulong frame)
    {
        int index = IndexOf(frame);
        return !IsCurrent(index, frame) || (Volatile.Read(ref _words[index]) & Revoked) != 0;
    }

    /// <summary>The bytes of a page in native memory, for as long as it is not freed.</summary>
    /// <param name="frame">A frame of this memory.</param>
    public byte* AddressOf(ulong frame) => _bytes + ((nuint)IndexOf(frame) * MirroredMemory.PageBytes);

    /// <summary>The word of a frame in native memory; see the remarks of the class.</summary>
    /// <param name="frame">A frame of this memory.</param>
    public uint* WordOf(ulong frame) => _words + IndexOf(frame);

    /// <summary>Frees all of it. No page may be in use any more.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Prepare(int index)
    {
        BytesOf(index).Clear();
        Interlocked.And(ref _words[index], ~Revoked);
    }

    private void Release()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        lock (s_registryLock)
            s_registry[_registryIndex] = null;
        NativeMemory.AlignedFree(_bytes);
        NativeMemory.Free(_words);
    }

    /// <summary>The generation in a frame's number; while the page is not freed, bits 16 to 30 of its word are the same.</summary>
    /// <param name="frame">A frame of a device.</param>
    public static uint GenerationOf(ulong frame) => (uint)(frame >> GenerationShiftInFrame);

    private static ulong WithoutGeneration(ulong frame) => frame & ((1UL << GenerationShiftInFrame) - 1);

    private static uint GenerationIn(uint word) => (word >> GenerationShiftInWord) & GenerationMask;

    private ulong FrameOf(int index) =>
        (FirstFrame + (ulong)index) | ((ulong)GenerationIn(Volatile.Read(ref _words[index])) << GenerationShiftInFrame);

    private bool IsCurrent(int index, ulong frame) => FrameOf(index) == frame;

    private bool TryEnter(int index, ulong frame)
    {
        uint word = Interlocked.Increment(ref _words[index]);
        if ((word & Revoked) == 0 && GenerationIn(word) == GenerationOf(frame))
            return true;
        Leave(index);
        return false;
    }

    // False, and nothing changed, if the frame was freed: the word is another page's then.
    private bool TryChange(int index, ulong frame, uint set, uint clear, out uint before)
    {
        while (true)
        {
            before = Volatile.Read(ref _words[index]);
            if (GenerationIn(before) != GenerationOf(frame))
                return false;
            if (Interlocked.CompareExchange(ref _words[index], (before | set) & ~clear, before) == before)
                return true;
        }
    }

    private void EndGeneration(int index) => SetGeneration(index, GenerationIn(Volatile.Read(ref _words[index])) + 1);

    // Of a page that is free. Accesses by ended numbers still count themselves in and out.
    private void SetGeneration(int index, uint generation)
    {
        const uint field = GenerationMask << GenerationShiftInWord;
        uint bits = (generation & GenerationMask) << GenerationShiftInWord;
        uint before;
        do
        {
            before = Volatile.Read(ref _words[index]);
        }
        while (Interlocked.CompareExchange(ref _words[index], (before & ~field) | bits, before) != before);
    }

    private void Leave(int index) => Interlocked.Decrement(ref _words[index]);

    private Span<byte> BytesOf(int index) => new(_bytes + ((nuint)index * MirroredMemory.PageBytes), MirroredMemory.PageBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(ulong frame)
    {
        ulong index = WithoutGeneration(frame) - FirstFrame;
        if (index >= (ulong)CapacityPages)
            throw new ArgumentOutOfRangeException(nameof(frame), frame, "The frame is not of this device's memory.");
        return (int)index;
    }
}
