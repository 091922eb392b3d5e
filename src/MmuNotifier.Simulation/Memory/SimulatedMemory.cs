using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>
/// An address space in managed memory, with the behaviour of Linux: mappings and page tables, copy-on-write, files, huge pages, children, pages
/// of devices. Each change raises the invalidation that Linux raises, with the changed range and event.
/// </summary>
/// <remarks>
/// Lock order: the mapping lock (<c>mmap_lock</c>, held around a change with its callbacks), locks of drivers, the machine's page-table lock (no
/// callback runs under it). Only these, and the wait for the end of a migration, keep threads apart, so that an exploration build can decide at
/// each of them who goes on.
/// </remarks>
public sealed partial class SimulatedMemory : VirtualMemory
{
    internal const ulong HugeBytes = FrameTable.HugePages * (ulong)PageBytes;

    private const ulong LowestAddress = 0x10000;
    private const ulong LastAddress = 0x7FFF_FFFF_EFFF;
    private const ulong PlacementLimit = 0x7FFF_F7FF_EFFF;

    private readonly DriverLock _mappingLock = new("mmap lock");
    private readonly MappingList _mappings = new();
    private readonly PageTable _pages = new();
    private bool _hasExited;

    /// <summary>Makes an empty address space on a machine of its own.</summary>
    public SimulatedMemory()
        : this(new SimulatedMachine())
    {
    }

    /// <summary>Makes an empty address space.</summary>
    /// <param name="machine">Where its pages come from.</param>
    public SimulatedMemory(SimulatedMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        Machine = machine;
    }

    /// <summary>Where its pages come from.</summary>
    public SimulatedMachine Machine { get; }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    private FrameTable Frames => Machine.Frames;

    /// <inheritdoc/>
    public override string? DescribeLack(MemoryFeature feature) => feature switch
    {
        MemoryFeature.HugeTlb when !Machine.HasHugePagePool => "the simulated machine has no reserved huge pages",
        MemoryFeature.TransparentHugePages when !Machine.HasTransparentHugePages => "the simulated machine makes no transparent huge pages",
        _ => null,
    };

    /// <inheritdoc/>
    public override MemoryFile CreateFile(ulong length) => new SimulatedFile(Machine, length, isNameless: false);

    /// <inheritdoc/>
    public override IReadOnlyList<Mapping> GetMappings()
    {
        using (Machine.PageTableLock.Hold())
        {
            var mappings = new List<Mapping>(_mappings.All.Count);
            foreach (SimulatedMapping mapping in _mappings.All)
                mappings.Add(mapping.ToPublic());
            return mappings;
        }
    }

    /// <inheritdoc/>
    public override bool TryFindMapping(ulong address, out Mapping mapping)
    {
        using (_mappingLock.Hold())
        {
            SimulatedMapping? found = _mappings.Find(address);
            mapping = found?.ToPublic() ?? default;
            return found is not null;
        }
    }

    /// <inheritdoc/>
    public override void GetPages(AddressRange range, Span<PageEntry> entries)
    {
        ulong first = range.Start / PageBytes;
        using (Machine.PageTableLock.Hold())
        {
            for (int i = 0; i < entries.Length; i++)
                entries[i] = _pages.Get(first + (ulong)i).ToPublic();
        }
    }

    /// <summary>The process exits: notifiers see Release, then all memory goes.</summary>
    /// <param name="disposing">Whether called by Dispose.</param>
    protected override void Dispose(bool disposing)
    {
        using (_mappingLock.Hold())
        {
            if (_hasExited)
                return;
            _hasExited = true;
        }

        Space.Exit();
        using (_mappingLock.Hold())
        using (Machine.PageTableLock.Hold())
        {
            foreach (SimulatedMapping mapping in _mappings.In(0, LastAddress))
            {
                ZapPages(mapping.Start, mapping.Last);
                mapping.File?.RemoveMapper(this);
                ReturnHugePages(mapping);
            }

            _mappings.Remove(0, LastAddress);
        }
    }

    private static bool IsPageAligned(ulong address) => address % PageBytes == 0;

    private static ulong RoundUp(ulong length, ulong unit = PageBytes) => (length + unit - 1) & ~(unit - 1);

    private void ReturnHugePages(SimulatedMapping mapping)
    {
        if (mapping.IsHugeTlb)
            Machine.FreeHugePages += (int)((mapping.Last - mapping.Start + 1) / HugeBytes);
    }

    /// <summary>Empties the entries of [start, last]. Under the page-table lock.</summary>
    private void ZapPages(ulong start, ulong last, bool onlyFilePages = false)
    {
        foreach (ulong page in _pages.Pages(start / PageBytes, last / PageBytes))
        {
            ref PageTableEntry entry = ref _pages.At(page);
            if (entry.State == PageState.Migrating)
            {
                // The migration keeps its frame until it ends, and finds then that the entry is not its own any more.
                if (!onlyFilePages)
                    entry = default;
                continue;
            }

            if (onlyFilePages && (entry.State != PageState.Present || Frames.IsAnonymous(entry.Frame)))
                continue;
            ulong frame = entry.Frame;
            entry = default;
            Frames.Drop(frame);
        }
    }

    /// <summary>If the address is inside of a huge entry, splits that into 512 small ones. Under the mapping lock.</summary>
    private void SplitHugePageAt(ulong address)
    {
        if (address % HugeBytes == 0)
            return;
        using (Machine.PageTableLock.Hold())
        {
            if (_pages.Get(address / PageBytes).Order == 0)
                return;
        }

        SplitHugePage(address);
    }

    private void SplitHugePage(ulong address)
    {
        ulong start = address & ~(HugeBytes - 1);
        using (Space.StartInvalidation(AddressRange.FromLength(start, HugeBytes), InvalidationEvent.Clear))
        using (Machine.PageTableLock.Hold())
            ForgetOrder(start);
    }

    private void ForgetOrder(ulong start)
    {
        foreach (ulong page in _pages.Pages(start / PageBytes, (start / PageBytes) + FrameTable.HugePages - 1))
            _pages.At(page).Order = 0;
    }

    private bool HasState(ulong start, ulong last, PageState state)
    {
        foreach (ulong page in _pages.Pages(start / PageBytes, last / PageBytes))
        {
            if (_pages.Get(page).State == state)
                return true;
        }

        return false;
    }
}
