namespace MmuNotifier.Simulation;

/// <summary>What a simulated machine has.</summary>
public sealed record SimulationOptions
{
    /// <summary>Pages of system memory; beyond it faults answer NoMemory.</summary>
    public int SystemPages { get; init; } = 1 << 20;

    /// <summary>Whether transparent huge pages are made where <see cref="Hmm.Advice.HugePage"/> asks for them.</summary>
    public bool HasTransparentHugePages { get; init; } = true;

    /// <summary>Huge pages of 2 MiB that are reserved for hugetlb mappings.</summary>
    public int ReservedHugePages { get; init; } = 64;
}
