namespace MmuNotifier.Simulation;

/// <summary>
/// What the address spaces of one simulated machine share: page frames, files, the reserve of huge pages. Everything in it is
/// deterministic: the same calls in the same order get the same addresses and frames.
/// </summary>
/// <remarks>
/// One lock, the page-table lock, guards the page tables, the frames and the page cache of all its address spaces; it stands for the
/// page-table and page locks of Linux. No callback runs under it. May be used from any thread.
/// </remarks>
public sealed class SimulatedMachine
{
    /// <summary>Makes a machine.</summary>
    /// <param name="options">What it has; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public SimulatedMachine(SimulatedMachineOptions? options = null)
    {
        Options = options is null ? new SimulatedMachineOptions() : options with { };
        Options.Validate();
        Frames = new FrameTable(Options.Frames);
        HugeTlb = new HugeTlbReserve(Frames, Options.HugeTlbPages);
    }

    /// <summary>Frames of system memory that are free now.</summary>
    public int FreeFrames
    {
        get
        {
            using (TableLock.Hold())
                return Frames.FreeCount;
        }
    }

    /// <summary>
    /// How many times a frame of system memory was read or written by its number while it was free: each is an access of a device through
    /// an entry that it should have given up.
    /// </summary>
    public long StaleFrameAccesses
    {
        get
        {
            using (TableLock.Hold())
                return Frames.StaleAccesses;
        }
    }

    /// <summary>A copy of its own, which nobody changes.</summary>
    internal SimulatedMachineOptions Options { get; }

    internal PageTableLock TableLock { get; } = new();

    internal FrameTable Frames { get; }

    internal HugeTlbReserve HugeTlb { get; }

    /// <summary>The address spaces that have not exited, which may map its files. Guarded by the page-table lock.</summary>
    internal List<SimulatedMemory> Spaces { get; } = [];
}
