using MmuNotifier.Hmm;
using MmuNotifier.Linux.Remote;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// One open mirror device: a table of pages with tags, and a notifier. The table holds nothing: it is right because what changes is erased
/// from it under its lock before it has changed.
/// </summary>
internal sealed partial class ServedDeviceFile : IDisposable
{
    private const ulong ChunkPages = 64;
    private const ulong ChunkBytes = ChunkPages * MirroredMemory.PageBytes;
    private const ulong MaxPages = 1 << 18;

    private readonly RemoteMemory _memory;
    private readonly DriverLock _lock = new("device table");
    private readonly Dictionary<ulong, (ulong Frame, PageTag Tag)> _table = [];
    private readonly HashSet<ulong> _moved = [];
    private readonly ServedDeviceNotifier _notifier;
    private readonly bool _isWatching;
    private bool _failsNextAllocation;

    internal ServedDeviceFile(ServedDevice device, RemoteMemory memory)
    {
        Device = device;
        _memory = memory;
        _notifier = new ServedDeviceNotifier(this);
        _isWatching = memory.Space.TryInsert(_notifier, AddressRange.Whole);
    }

    internal ServedDevice Device { get; }

    /// <summary>Carries a request out.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="request">In and out.</param>
    /// <param name="caller">The process whose pointers the request has.</param>
    /// <returns>The error of the request.</returns>
    internal Errno Execute(MirrorRequestKind kind, ref MirrorRequest request, int caller)
    {
        if (!request.TryGetRange(out AddressRange range))
            return Errno.InvalidArgument;
        (request.PagesDone, request.Faults) = (0, 0);
        if (kind == MirrorRequestKind.Flags)
            return SetFlags(request.Pages);
        if (request.Pages > MaxPages)
            return Errno.NoMemory;
        byte[] bytes = kind is MirrorRequestKind.CheckExclusive or MirrorRequestKind.MigrateToSystem or MirrorRequestKind.Release
            ? [] : new byte[request.Pages * (kind == MirrorRequestKind.Snapshot ? 1UL : MirroredMemory.PageBytes)];
        ulong faults = 0;
        ulong done = kind is MirrorRequestKind.CheckExclusive or MirrorRequestKind.Release ? 0 : request.Pages;
        Errno error = kind switch
        {
            MirrorRequestKind.Read => Access(range, bytes, isWrite: false, ref faults),
            MirrorRequestKind.Write when CallerMemory.Read(caller, request.Pointer, bytes) is var problem and not Errno.None => problem,
            MirrorRequestKind.Write => Access(range, bytes, isWrite: true, ref faults),
            MirrorRequestKind.MigrateToDevice => MigrateToDevice(range, bytes),
            MirrorRequestKind.MigrateToSystem => MigrateToSystem(range, out done),
            MirrorRequestKind.Snapshot => Snapshot(range, bytes),
            MirrorRequestKind.Exclusive => TakeExclusively(range, bytes),
            MirrorRequestKind.CheckExclusive => CheckExclusive(range),
            MirrorRequestKind.Release => Release(),
            _ => Errno.InvalidArgument,
        };
        if (error == Errno.None && kind != MirrorRequestKind.Write)
            error = CallerMemory.Write(caller, request.Pointer, bytes);
        if (error == Errno.None)
            (request.PagesDone, request.Faults) = (done, faults);
        return error;
    }

    internal void Erase(AddressRange range)
    {
        using (_lock.Hold())
        {
            ulong pages = (range.Last - range.Start) / MirroredMemory.PageBytes;
            if (pages > (ulong)_table.Count)
            {
                foreach (ulong address in _table.Keys.Where(range.Contains).ToArray())
                    _table.Remove(address);
                return;
            }

            for (ulong address = range.Start; address <= range.Last; address += MirroredMemory.PageBytes)
                _table.Remove(address);
        }
    }

    /// <summary>Brings back what is in the device's memory because of this file.</summary>
    internal void Evict()
    {
        ulong[] moved;
        using (_lock.Hold())
            moved = [.. _moved];
        foreach (ulong address in moved)
            MigrateToSystem(AddressRange.FromLength(address, MirroredMemory.PageBytes), out _);
    }

    /// <summary>Closes it: the notifier goes first, then what is in the device's memory comes back.</summary>
    public void Dispose()
    {
        if (_isWatching)
            _notifier.Remove();
        Evict();
        Device.Closed(this);
    }

    private Errno SetFlags(ulong flags)
    {
        const ulong failAllocation = 1;
        Volatile.Write(ref _failsNextAllocation, (flags & failAllocation) != 0);
        return Errno.None;
    }

    private Errno Release()
    {
        Device.EvictAll();
        return Errno.None;
    }

    private static IEnumerable<AddressRange> Chunks(AddressRange range)
    {
        for (ulong start = range.Start; ; start += ChunkBytes)
        {
            bool isLast = range.Last - start < ChunkBytes;
            yield return new AddressRange(start, isLast ? range.Last : start + ChunkBytes - 1);
            if (isLast)
                yield break;
        }
    }

    private static int PagesOf(AddressRange range) => (int)((range.Last - range.Start + 1) / MirroredMemory.PageBytes);
}
