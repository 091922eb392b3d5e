using System.Runtime.InteropServices;
using MmuNotifier.IoUring.Native;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

namespace MmuNotifier.IoUring;

/// <summary>The table of registered buffers of a ring; a registration is the index of a slot.</summary>
/// <remarks>
/// A slot that is emptied while requests use it stays theirs: the kernel counts them, and releases the pages with the last one. So the
/// slot's number can be used again at once.
/// </remarks>
internal sealed unsafe class BufferSlots : IRegistrationProvider<int>, IDisposable
{
    private const int NoMemory = 12;

    /// <summary>The kernel's limit of one buffer, which it answers with the error of a wrong address.</summary>
    private const ulong MaxBufferBytes = 1 << 30;

    private readonly SafeHandle _ring;
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private bool _isDisposed;

    internal BufferSlots(SafeHandle ring, int count)
    {
        _ring = ring;
        var table = new BufferTable { Count = (uint)count, Flags = BufferTable.Sparse };
        long result = UringCalls.Register(ring, UringCalls.RegisterBuffers, &table, (uint)sizeof(BufferTable));
        if (result < 0)
            throw new IoUringBufferException($"The ring takes no table of {count} buffers: {Describe(-result)}");
        for (int i = count - 1; i >= 0; i--)
            _free.Push(i);
    }

    public int Register(AddressRange range)
    {
        if (range.Last - range.Start >= MaxBufferBytes)
            throw new IoUringBufferException($"{range} is too long: a buffer of a ring has at most {MaxBufferBytes} bytes (1 GiB).");
        int slot;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_free.TryPop(out slot))
            {
                throw new IoUringBufferException(
                    "Every slot of the ring's table is in use: make it larger, or MaxCount of the cache smaller.", isShortage: true);
            }
        }

        long result = Update(slot, new IoVector(range.Start, range.Last - range.Start + 1));
        if (result > 0)
            return slot;
        lock (_lock)
            _free.Push(slot);
        throw new IoUringBufferException(
            $"The ring does not take {range} as a buffer: {Describe(-result)}", isShortage: -result == NoMemory);
    }

    public bool IsShortage(Exception exception) => exception is IoUringBufferException { IsShortage: true };

    public void Release(int registration, AddressRange range)
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            long result = Update(registration, default);
            _free.Push(registration);
            if (result < 0)
                throw new IoUringBufferException($"{range} stays locked until its slot is used again: {Describe(-result)}");
        }
    }

    /// <summary>Takes the table from the ring.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            UringCalls.Register(_ring, UringCalls.UnregisterBuffers, null, 0);
        }
    }

    private long Update(int slot, IoVector buffer)
    {
        var update = new BufferUpdate { FirstSlot = (uint)slot, Buffers = &buffer, Count = 1 };
        return UringCalls.Register(_ring, UringCalls.UpdateBuffers, &update, (uint)sizeof(BufferUpdate));
    }

    private static string Describe(long error) => error switch
    {
        NoMemory =>
            "no memory may be locked any more; raise RLIMIT_MEMLOCK, from which the rings of LinuxMemoryWatch's perf events are taken too.",
        14 => "nothing is mapped there, it cannot be written, or it is of a file on a disk, whose pages are not locked for long.",
        16 => "the ring has a table already; it must be this library's alone.",
        22 => "the kernel is older than 5.19.",
        95 => "the memory is of a file on a disk, whose pages are not locked for long.",
        _ => $"error {error}.",
    };
}
