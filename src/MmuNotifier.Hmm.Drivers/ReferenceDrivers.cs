namespace MmuNotifier.Hmm.Drivers;

/// <summary>The reference drivers by their names.</summary>
public static class ReferenceDrivers
{
    /// <summary>The names, as <see cref="IReferenceDriver.Name"/> has them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["svm", "odp", "odp-implicit", "userptr", "large", "guest-memory"];

    /// <summary>Attaches a driver.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="memory">The address space.</param>
    /// <param name="range">What those drivers register that must; whole pages. The others reach everything.</param>
    /// <exception cref="ArgumentException">There is no such driver.</exception>
    public static IReferenceDriver Attach(string name, MirroredMemory memory, AddressRange range) => name switch
    {
        "svm" => new SvmDriver(memory),
        "odp" => OnDemandPagingDriver.RegisterFixed(memory, range),
        "odp-implicit" => OnDemandPagingDriver.RegisterImplicit(memory),
        "userptr" => new UserPointerDriver(memory, range),
        "large" => new LargeNotifierDriver(memory),
        "guest-memory" => new GuestMemoryDriver(memory),
        _ => throw new ArgumentException($"There is no driver '{name}'; there are {string.Join(", ", Names)}.", nameof(name)),
    };
}
