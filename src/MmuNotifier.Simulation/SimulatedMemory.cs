using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>
/// An address space in managed memory that behaves as one of Linux (6.18, x86-64): mappings, page table, faults, files, fork, huge pages,
/// and what a device does to it. Deterministic: the same calls in the same order give the same addresses, frames and invalidations.
/// </summary>
/// <remarks>
/// <para>
/// Two locks. The mapping lock (<c>mmap_lock</c>), one for each address space, is held around each change with its invalidation, callbacks
/// included; faults take it too. The page-table lock, one for each machine, guards entries, frames and files; no callback runs under it.
/// CPU accesses copy under it, so that none continues through an entry that is gone, as the flush of the TLB guarantees.
/// </para>
/// <para>
/// A touch of a page that migrates waits under neither lock. Where an entry must change with an invalidation, the entry is looked at again
/// after the callbacks: files and the end of a migration change entries without the mapping lock.
/// </para>
/// <para>
/// Mappings join when they are adjacent with the same protection, flags and file at contiguous offsets. For private anonymous memory the
/// offset is the page number of where its pages were first touched, as in Linux, so a touched mapping that was moved does not join a
/// neighbour. In Linux, neighbours that have grown apart by separate forks (<c>anon_vma</c>) do not join; here they do.
/// </para>
/// <para>
/// An access for which no frame is left answers NoMemory, where Linux would kill a process. docs/simulated-memory.md lists what else
/// differs.
/// </para>
/// <para>
/// When the last entry for a device's frame goes, this memory frees the frame (<see cref="DeviceMemory.Free"/>).
/// </para>
/// </remarks>
public sealed partial class SimulatedMemory : VirtualMemory
{
    private readonly DriverLock _mappingLock = new("mmap_lock");
    private readonly AreaList _areas = new();
    private readonly PageTable _table = new();
    private bool _isDisposed;

    /// <summary>Makes an empty address space on a machine of its own.</summary>
    public SimulatedMemory()
        : this(new SimulatedMachine())
    {
    }

    /// <summary>Makes an empty address space.</summary>
    /// <param name="machine">The machine whose frames, files and huge pages it uses.</param>
    public SimulatedMemory(SimulatedMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        Machine = machine;
        using (machine.TableLock.Hold())
            machine.Spaces.Add(this);
    }

    /// <summary>The machine whose frames, files and huge pages it uses.</summary>
    public SimulatedMachine Machine { get; }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    private FrameTable Frames => Machine.Frames;

    private PageTableLock TableLock => Machine.TableLock;

    /// <inheritdoc/>
    public override string? WhyUnsupported(MemoryFeature feature) => feature switch
    {
        MemoryFeature.HugeTlb when !Machine.HugeTlb.HasPages => "The simulated machine has no huge pages reserved.",
        MemoryFeature.TransparentHugePages when !Machine.Options.TransparentHugePages =>
            "The simulated machine has transparent huge pages off.",
        _ => null,
    };

    /// <inheritdoc/>
    public override bool TryFindMapping(ulong address, out Mapping mapping)
    {
        using (TableLock.Hold())
        {
            int index = _areas.IndexFrom(address);
            bool isFound = index < _areas.Count;
            mapping = isFound ? _areas[index].ToMapping() : default;
            return isFound;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Mapping> GetMappings()
    {
        using (TableLock.Hold())
            return _areas.ToMappings();
    }

    /// <inheritdoc/>
    /// <remarks>Takes time in proportion to the page table.</remarks>
    public override IReadOnlyList<ulong> FindDevicePages(DeviceMemory device)
    {
        var pages = new List<ulong>();
        using (TableLock.Hold())
        {
            for (ulong address = 0; _table.TryFindEntry(ref address, ulong.MaxValue); address += PageBytes)
            {
                if (DeviceMemory.Of(_table.Get(address).Frame) == device)
                    pages.Add(address);
            }
        }

        return pages;
    }

    /// <inheritdoc/>
    public override Errno GetPages(AddressRange range, Span<PageEntry> entries)
    {
        using (TableLock.Hold())
        {
            ulong address = range.Start;
            foreach (ref PageEntry entry in entries)
            {
                Pte found = _table.Get(address);
                entry = new PageEntry(found.State, found.Frame, found.IsWritable, found.Order);
                address += PageBytes;
            }
        }

        return Errno.None;
    }

    /// <summary>The address space exits (exit_mmap): Release to every notifier, then all mappings and pages go.</summary>
    /// <param name="disposing">Whether called by Dispose.</param>
    protected override void Dispose(bool disposing)
    {
        Space.Exit();
        using (_mappingLock.Hold())
        using (TableLock.Hold())
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            foreach (Area area in _areas.In(0, AreaList.TaskSize))
                DropArea(area);
            _areas.Remove(0, AreaList.TaskSize);
            Machine.Spaces.Remove(this);
            TableLock.MigrationEnded();
        }
    }

    private static ulong PageAlign(ulong value) => (value + PageBytes - 1) & ~((ulong)PageBytes - 1);

    private static ulong HugeAlign(ulong value) => (value + PageTable.HugeBytes - 1) & ~(PageTable.HugeBytes - 1);

    private static bool IsPageAligned(ulong value) => value % PageBytes == 0;

    private static AddressRange PageAt(ulong address) => AddressRange.FromLength(address & ~((ulong)PageBytes - 1), PageBytes);

    private static AddressRange BlockAt(ulong address) => AddressRange.FromLength(PageTable.BlockOf(address), PageTable.HugeBytes);
}
