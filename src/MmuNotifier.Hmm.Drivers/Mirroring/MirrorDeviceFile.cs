namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>
/// One open mirror device on one address space (<c>struct dmirror</c>): a table of its pages, one lock, a notifier a mapping.
/// </summary>
/// <remarks>
/// May be used from any thread, under no lock that a callback takes. The table is right because what changes is taken out of it, under the
/// lock, before it has changed; and because nothing is put into it without a check of the read section under the same lock.
/// </remarks>
public sealed partial class MirrorDeviceFile : IDisposable
{
    private const ulong ChunkPages = 64;
    private const ulong MaxPages = 1 << 18;

    private readonly DriverLock _lock = new("mirror device");
    private readonly MirrorPageTable _table = new();
    private bool _failsNextAllocation;

    internal MirrorDeviceFile(MirrorDevice device, MirroredMemory memory)
    {
        Device = device;
        Memory = memory;
    }

    /// <summary>The device.</summary>
    public MirrorDevice Device { get; }

    /// <summary>The address space.</summary>
    public MirroredMemory Memory { get; }

    /// <summary>Carries a command out (<c>dmirror_fops_unlocked_ioctl</c>).</summary>
    /// <param name="command">Which.</param>
    /// <param name="block">In and out; on an error it keeps what it was.</param>
    /// <param name="user">Whose the pointer of the block is.</param>
    /// <returns>None, or the error: InvalidArgument for a bad range or command; those of the commands are in docs/hmm.md.</returns>
    public Errno Execute(MirrorCommand command, ref MirrorCommandBlock block, IUserMemory user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (!block.TryGetRange(out AddressRange range))
            return Errno.InvalidArgument;
        MirrorCommandBlock result = block;
        (result.PagesDone, result.Faults) = (0, 0);
        Errno error = command switch
        {
            MirrorCommand.Read or MirrorCommand.ReadUnlocked => Read(range, ref result, user),
            MirrorCommand.Write => Write(range, ref result, user),
            MirrorCommand.MigrateToDevice => MigrateToDevice(range, ref result, user),
            MirrorCommand.MigrateToSystem => MigrateToSystem(range, ref result),
            MirrorCommand.Snapshot => Snapshot(range, ref result, user),
            MirrorCommand.Exclusive => TakeExclusively(range, ref result, user),
            MirrorCommand.CheckExclusive => CheckExclusive(range),
            MirrorCommand.Release => Release(),
            MirrorCommand.Flags => SetFlags(block.Pages),
            _ => Errno.InvalidArgument,
        };
        if (error == Errno.None)
            block = result;
        return error;
    }

    /// <summary>
    /// Closes it: the notifiers go first, then what it has in the device's memory comes back. No command may be under way.
    /// </summary>
    public void Dispose()
    {
        while (TakeNotifier() is { } notifier)
            notifier.Remove();
        Evict();
        Device.Closed(this);
    }

    internal void Forget(AddressRange range)
    {
        using (_lock.Hold())
            _table.Forget(range);
    }

    private Errno Release()
    {
        Device.EvictAll();
        return Errno.None;
    }

    private Errno SetFlags(ulong flags)
    {
        const ulong failAllocation = 1;
        Volatile.Write(ref _failsNextAllocation, (flags & failAllocation) != 0);
        return Errno.None;
    }

    private Errno CheckExclusive(AddressRange range)
    {
        using (_lock.Hold())
            return _table.HasAtomic(range) ? Errno.NotPermitted : Errno.None;
    }

    private bool TakeFailure() => Interlocked.Exchange(ref _failsNextAllocation, false);

    private static AddressRange Chunk(ulong start, ulong last)
    {
        const ulong bytes = ChunkPages * MirroredMemory.PageBytes;
        return new AddressRange(start, last - start < bytes ? last : start + bytes - 1);
    }

    private static AddressRange PageAt(ulong address) => AddressRange.FromLength(address, MirroredMemory.PageBytes);

    private static int PagesOf(AddressRange range) => (int)((range.Last - range.Start) / MirroredMemory.PageBytes) + 1;
}
