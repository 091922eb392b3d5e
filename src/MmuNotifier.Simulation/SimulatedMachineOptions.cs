namespace MmuNotifier.Simulation;

/// <summary>What a simulated machine has. Immutable.</summary>
public sealed record SimulatedMachineOptions
{
    /// <summary>Page frames of system memory, of 4096 bytes each; a multiple of 512, at least 1024. When all are in use, calls answer NoMemory.</summary>
    public int Frames { get; init; } = 1 << 18;

    /// <summary>Huge pages of 2 MiB that are set aside for hugetlb mappings (<c>nr_hugepages</c>); they are taken from the frames.</summary>
    public int HugeTlbPages { get; init; } = 16;

    /// <summary>Whether advised ranges get transparent huge pages (the setting "madvise"); false is "never".</summary>
    public bool TransparentHugePages { get; init; } = true;

    /// <summary>How many mappings an address space can have (<c>max_map_count</c>).</summary>
    public int MaximumMappings { get; init; } = 65530;
}
