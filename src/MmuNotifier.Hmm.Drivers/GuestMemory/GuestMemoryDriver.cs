namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// A guest's memory as KVM has it: one notifier over everything, whose start counts and forgets entries, and whose end moves a sequence.
/// The driver does by itself what the engine does for interval notifiers. See docs/drivers/guest-memory.md.
/// </summary>
/// <remarks>
/// The driver lock is <c>mmu_lock</c>. Under it: <c>mmu_invalidate_in_progress</c>, <c>mmu_invalidate_range_start/_end</c> (the hull of
/// those in progress) and <c>mmu_invalidate_seq</c>. A fault that collides is begun again when an end has come; a real guest just runs into
/// the same fault again.
/// </remarks>
public sealed class GuestMemoryDriver : ReferenceDriver
{
    private readonly DeviceTable _table = new();
    private readonly GuestMemoryNotifier _notifier;
    private readonly WaitMonitor _ends = new();
    private int _inProgress;
    private AddressRange _inProgressRange;
    private long _sequence;
    private long _endCount;

    /// <summary>Attaches to an address space.</summary>
    /// <param name="memory">The address space.</param>
    /// <exception cref="AddressSpaceExitedException">The address space has gone.</exception>
    public GuestMemoryDriver(MirroredMemory memory)
        : base(memory, "mmu_lock")
    {
        _notifier = new GuestMemoryNotifier(this);
        memory.Space.Insert(_notifier);
    }

    /// <inheritdoc/>
    public override string Name => "guest-memory";

    /// <summary>An invalidation starts (<c>kvm_mmu_invalidate_begin</c>).</summary>
    internal void InvalidateStart(AddressRange range)
    {
        using (Lock.Hold())
        {
            _inProgressRange = _inProgress == 0 ? range : _inProgressRange.Hull(range);
            _inProgress++;
            _table.Forget(range);
        }
    }

    /// <summary>An invalidation ends (<c>kvm_mmu_invalidate_end</c>): first the sequence moves, then the count falls.</summary>
    internal void InvalidateEnd()
    {
        using (Lock.Hold())
        {
            _sequence++;
            _inProgress--;
        }

        using (_ends.Hold())
        {
            _endCount++;
            _ends.Pulse();
        }
    }

    private protected override DeviceTable FindTable(ulong page) => _table;

    private protected override Errno Fault(in DeviceAccess access)
    {
        long ends = ReadEndCount();
        long sequence;
        using (Lock.Hold())
            sequence = _sequence;
        Errno error = Collect(access, out HmmEntry entry);
        if (error != Errno.None)
            return error;
        bool mayCommit;
        using (Lock.Hold())
        {
            mayCommit = !MustRetry(access.PageRange, sequence);
            if (mayCommit)
                _table.Set(access.Page, entry);
        }

        if (!mayCommit)
            WaitForEnd(ends);
        return mayCommit ? Errno.None : Errno.Again;
    }

    private protected override void Detach()
    {
        _notifier.Remove();
        using (Lock.Hold())
            _table.Clear();
    }

    // Without a read section: KVM asks the CPU's page table (hva_to_pfn), and its own sequence says whether the answer holds.
    private Errno Collect(in DeviceAccess access, out HmmEntry entry)
    {
        entry = default;
        Errno error = Memory.FaultIn(access.Page, access.IsWrite);
        if (error != Errno.None)
            return error;
        var page = default(PageEntry);
        error = Memory.GetPages(access.PageRange, new Span<PageEntry>(ref page));
        if (error != Errno.None)
            return error;
        if (page.State is not (PageState.Present or PageState.Zero))
            return Errno.Again;
        entry = HmmEntry.Valid(page.Frame, page.IsWritable && page.State == PageState.Present, page.Order);
        return Memory.TryFindMapping(access.Page, out Mapping mapping) && mapping.Range.Contains(access.Page)
            && (mapping.Protection & Protection.Read) != 0 ? Errno.None : Errno.BadAddress;
    }

    /// <summary>Under the lock (<c>mmu_invalidate_retry_hva</c>).</summary>
    private bool MustRetry(AddressRange page, long sequence) =>
        (_inProgress > 0 && _inProgressRange.Overlaps(page))
            || _sequence != sequence;

    private long ReadEndCount()
    {
        using (_ends.Hold())
            return _endCount;
    }

    // The fault read the count before it read the sequence. Whatever it collided with, the end has moved the count since, or is still to
    // come.
    private void WaitForEnd(long ends)
    {
        using (_ends.Hold())
        {
            if (_endCount == ends)
                _ends.Wait(TimeSpan.FromMilliseconds(100));
            _ends.Pulse();
        }
    }
}
