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
    private readonly AccessedPages _young = new();
    private readonly GuestMemoryNotifier _notifier;
    private readonly WaitMonitor _ends = new();
    private readonly List<GuestMemorySlot> _slots = [];
    private int _inProgress;

    // The union of all ranges in progress, in guest addresses: their hull. Means something only while one is.
    private AddressRange? _inProgressRange;
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

    /// <summary>
    /// Lets the guest find memory of the process at an address of its own (<c>KVM_SET_USER_MEMORY_REGION</c>); the same memory may be in
    /// several slots. Before the first access. Without slots, the guest's addresses are the process's.
    /// </summary>
    /// <param name="guest">First byte in the guest; of a page. Slots do not overlap there.</param>
    /// <param name="memory">Whole pages of the process.</param>
    public void AddSlot(ulong guest, AddressRange memory)
    {
        using (Lock.Hold())
            _slots.Add(new GuestMemorySlot(guest, memory));
    }

    /// <summary>
    /// An invalidation starts: begin, add each range of the guest that it is about, all under one hold of the lock
    /// (<c>kvm_mmu_invalidate_begin</c>, <c>_range_add</c>).
    /// </summary>
    internal void InvalidateStart(AddressRange range)
    {
        using (Lock.Hold())
        {
            if (_inProgress++ == 0)
                _inProgressRange = null;
            if (_slots.Count == 0)
                AddInProgress(range);
            foreach (GuestMemorySlot slot in _slots)
            {
                if (slot.TryTranslate(range, out AddressRange guest))
                    AddInProgress(guest);
            }
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

    /// <summary>Whether the guest has accessed a page of the range (<c>kvm_mmu_notifier_test_young</c>).</summary>
    internal bool TestYoung(AddressRange range)
    {
        using (Lock.Hold())
        {
            bool isYoung = _slots.Count == 0 && _young.ContainsAny(range);
            foreach (GuestMemorySlot slot in _slots)
                isYoung |= slot.TryTranslate(range, out AddressRange guest) && _young.ContainsAny(guest);
            return isYoung;
        }
    }

    /// <summary>The same, and the accessed bits of the entries are cleared (<c>kvm_mmu_notifier_clear_young</c>).</summary>
    internal bool ClearYoung(AddressRange range)
    {
        using (Lock.Hold())
        {
            bool wasYoung = _slots.Count == 0 && _young.Clear(range);
            foreach (GuestMemorySlot slot in _slots)
                wasYoung |= slot.TryTranslate(range, out AddressRange guest) && _young.Clear(guest);
            return wasYoung;
        }
    }

    private protected override DeviceTable FindTable(ulong page) => _table;

    private protected override void NoteAccess(ulong page) => _young.Add(page);

    private protected override Errno Fault(in DeviceAccess access)
    {
        long ends = ReadEndCount();
        long sequence;
        ulong page;
        using (Lock.Hold())
        {
            sequence = _sequence;
            if (!TryFindInProcess(access.Page, out page))
                return Errno.BadAddress;
        }

        Errno error = Collect(page, access.IsWrite, out HmmEntry entry);
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
        {
            _table.Clear();
            _young.Clear(AddressRange.Whole);
        }
    }

    // Without a read section: KVM asks the CPU's page table (hva_to_pfn), and its own sequence says whether the answer holds.
    private Errno Collect(ulong address, bool isWrite, out HmmEntry entry)
    {
        entry = default;
        Errno error = Memory.FaultIn(address, isWrite);
        if (error != Errno.None)
            return error;
        var page = default(PageEntry);
        error = Memory.GetPages(AddressRange.FromLength(address, MirroredMemory.PageBytes), new Span<PageEntry>(ref page));
        if (error != Errno.None)
            return error;
        if (page.State is not (PageState.Present or PageState.Zero))
            return Errno.Again;
        entry = HmmEntry.Valid(page.Frame, page.IsWritable && page.State == PageState.Present, page.Order);
        return Memory.TryFindMapping(address, out Mapping mapping) && mapping.Range.Contains(address)
            && (mapping.Protection & Protection.Read) != 0 ? Errno.None : Errno.BadAddress;
    }

    private void AddInProgress(AddressRange guest)
    {
        _inProgressRange = _inProgressRange?.Hull(guest) ?? guest;
        _table.Forget(guest);
        _young.Clear(guest);
    }

    private bool TryFindInProcess(ulong page, out ulong address)
    {
        address = page;
        foreach (GuestMemorySlot slot in _slots)
        {
            if (slot.TryFindInProcess(page, out address))
                return true;
        }

        return _slots.Count == 0;
    }

    /// <summary>Under the lock (<c>mmu_invalidate_retry_gfn</c>): against the union of the ranges in progress.</summary>
    private bool MustRetry(AddressRange page, long sequence) =>
        (_inProgress > 0 && IsInProgress(page))
            || _sequence != sequence;

    private bool IsInProgress(AddressRange page) => _inProgressRange is { } range && range.Overlaps(page);

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
