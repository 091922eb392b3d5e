namespace MmuNotifier.Hmm;

/// <summary>
/// One open mirror device on one address space (<c>struct dmirror</c>): a table of pages with tags, and a notifier per mapping. The table holds no
/// page: it is right because what changes is erased from it, under its lock, before it has changed.
/// </summary>
/// <remarks>Usable from any thread. Lock order: the memory's mapping lock (callbacks run under it), then the table's lock.</remarks>
public sealed partial class MirrorDeviceFile : IDisposable
{
    private const ulong MaxPages = 1 << 18;

    private readonly MirroredMemory _memory;
    private readonly DriverLock _lock = new("device table");
    private readonly Dictionary<ulong, (ulong Frame, PageTag Tag)> _table = [];
    private bool _isClosed;
    private bool _failsNextAllocation;

    internal MirrorDeviceFile(MirrorDevice device, MirroredMemory memory)
    {
        Device = device;
        _memory = memory;
    }

    /// <summary>The device.</summary>
    public MirrorDevice Device { get; }

    /// <summary>Carries a request out (<c>dmirror_fops_unlocked_ioctl</c>).</summary>
    /// <param name="kind">Which.</param>
    /// <param name="request">In and out; unchanged on an error.</param>
    /// <param name="user">The memory that the request's pointer points to.</param>
    /// <returns>The error of the request: see the table in docs/hmm.md.</returns>
    public Errno Execute(MirrorRequestKind kind, ref MirrorRequest request, IUserMemory user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (!request.TryGetRange(out AddressRange range))
            return Errno.InvalidArgument;
        if (kind == MirrorRequestKind.Flags)
        {
            (request.PagesDone, request.Faults) = (0, 0);
            return SetFlags(request.Pages);
        }

        if (request.Pages > MaxPages)
            return Errno.NoMemory;
        byte[] bytes = kind is MirrorRequestKind.CheckExclusive or MirrorRequestKind.MigrateToSystem or MirrorRequestKind.Release
            ? [] : new byte[request.Pages * (kind == MirrorRequestKind.Snapshot ? 1UL : MirroredMemory.PageBytes)];
        ulong faults = 0;
        ulong done = kind is MirrorRequestKind.CheckExclusive or MirrorRequestKind.Release ? 0 : request.Pages;
        Errno error = kind switch
        {
            MirrorRequestKind.Read => Access(range, bytes, isWrite: false, ref faults),
            MirrorRequestKind.Write when user.Read(request.UserAddress, bytes) is var problem and not Errno.None => problem,
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
            error = user.Write(request.UserAddress, bytes);
        if (error == Errno.None)
            (request.PagesDone, request.Faults) = (done, faults);
        return error;
    }

    /// <summary>Closes it: the notifiers go first, then what is in the device's memory comes back.</summary>
    public void Dispose()
    {
        using (_lock.Hold())
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        RemoveNotifiers();
        Evict();
        Device.Closed(this);
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

            for (ulong i = 0; i <= pages; i++)
                _table.Remove(range.Start + (i * MirroredMemory.PageBytes));
        }
    }

    /// <summary>Brings back what the device has of this address space.</summary>
    internal void Evict()
    {
        var addresses = new List<ulong>();
        _memory.AddDevicePages(Device, addresses);
        for (int i = 0; i < addresses.Count;)
        {
            int first = i;
            while (++i < addresses.Count && addresses[i] == addresses[i - 1] + MirroredMemory.PageBytes)
                continue;
            MigrateToSystem(new AddressRange(addresses[first], addresses[i - 1] + MirroredMemory.PageBytes - 1), out _);
        }
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

    private static int PagesOf(AddressRange range) => (int)((range.Last - range.Start + 1) / MirroredMemory.PageBytes);
}
