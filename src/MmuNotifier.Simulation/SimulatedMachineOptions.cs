namespace MmuNotifier.Simulation;

/// <summary>
/// What a <see cref="SimulatedMachine"/> has. The machine validates and copies the options when it is made: a later change of the object
/// has no effect on it.
/// </summary>
public sealed record SimulatedMachineOptions
{
    private const int LeastFrames = 1024;

    /// <summary>
    /// Page frames of system memory, of 4096 bytes each; a multiple of 512, at least 1024. When all are in use, calls answer NoMemory.
    /// Default: 262,144 (1 GiB).
    /// </summary>
    public int Frames { get; set; } = 1 << 18;

    /// <summary>
    /// Huge pages of 2 MiB that are reserved for hugetlb mappings (<c>nr_hugepages</c>); they are taken from the frames, of which at least
    /// 512 must remain. At least 0. Default: 16.
    /// </summary>
    public int HugeTlbPages { get; set; } = 16;

    /// <summary>
    /// Whether advised ranges get transparent huge pages (the setting "madvise"); false is "never". Default: true.
    /// </summary>
    public bool TransparentHugePages { get; set; } = true;

    /// <summary>How many mappings an address space can have (<c>max_map_count</c>). At least 1. Default: 65,530.</summary>
    public int MaximumMappings { get; set; } = 65530;

    /// <summary>Throws if a value is out of its bounds. The machine calls it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its bounds.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Frames, LeastFrames, nameof(Frames));
        ArgumentOutOfRangeException.ThrowIfNotEqual(Frames % PageTable.HugePages, 0, nameof(Frames));
        ArgumentOutOfRangeException.ThrowIfNegative(HugeTlbPages, nameof(HugeTlbPages));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HugeTlbPages, (Frames / PageTable.HugePages) - 1, nameof(HugeTlbPages));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumMappings, 1, nameof(MaximumMappings));
    }
}
