namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>What a stress run did and found.</summary>
public sealed record StressResult
{
    /// <summary>Operations of all threads.</summary>
    public required long Operations { get; init; }

    /// <summary>Reads and writes of the device that were done.</summary>
    public required long DeviceAccesses { get; init; }

    /// <summary>Accesses of the device that the mapping did not permit.</summary>
    public required long DeviceRefusals { get; init; }

    /// <summary>Accesses of the device that gave up since changes did not let them through.</summary>
    public required long DeviceBusy { get; init; }

    /// <summary>Loads and stores of the CPU that were done.</summary>
    public required long CpuAccesses { get; init; }

    /// <summary>Changes of the address space.</summary>
    public required long Changes { get; init; }

    /// <summary>Pages that another device got into its memory, or for its atomics; 0 where this memory cannot do it.</summary>
    public required long MigratedPages { get; init; }

    /// <summary>The first access that is wrong, with the page's last events; null if there is none.</summary>
    public string? Failure { get; init; }
}
