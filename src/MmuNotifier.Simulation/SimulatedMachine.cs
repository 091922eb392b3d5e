namespace MmuNotifier.Simulation;

/// <summary>
/// What address spaces share that fork from each other or map the same files: page frames, the huge page pool, and the lock of all page tables.
/// Everything is deterministic: the same calls in the same order get the same addresses and frame numbers.
/// </summary>
/// <remarks>Lock order: an address space's mapping lock, locks of drivers, the page-table lock. No callback runs under the last.</remarks>
public sealed class SimulatedMachine
{
    private readonly SimulationOptions _options;

    /// <summary>Makes a machine.</summary>
    /// <param name="options">What it has; null for the defaults.</param>
    public SimulatedMachine(SimulationOptions? options = null)
    {
        _options = options ?? new SimulationOptions();
        Frames = new FrameTable(_options.SystemPages);
        FreeHugePages = _options.ReservedHugePages;
    }

    /// <summary>How often a device read or wrote a frame that had been freed: each is a stale entry that an invalidation should have erased.</summary>
    public long StaleFrameAccesses
    {
        get
        {
            using (PageTableLock.Hold())
                return Frames.StaleAccesses;
        }
    }

    internal DriverLock PageTableLock { get; } = new("page-table lock");

    internal FrameTable Frames { get; }

    internal MigrationWait MigrationWait { get; } = new();

    internal bool HasTransparentHugePages => _options.HasTransparentHugePages;

    internal bool HasHugePagePool => _options.ReservedHugePages > 0;

    /// <summary>Huge pages of the pool that no mapping has reserved.</summary>
    internal int FreeHugePages { get; set; }
}
