namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// What the reference drivers have in common: a device that accesses the memory of an address space by its addresses, through a table of
/// its own (<c>mm</c> mirrored with <c>mmu_interval_notifier</c> in Linux). Attached when made, detached when disposed.
/// </summary>
/// <remarks>
/// Accesses may run on any number of threads, against each other and against all changes of the address space, but under no lock that a
/// callback takes. Dispose it when no access is under way; it waits for callbacks.
/// </remarks>
public interface IReferenceDriver : IDisposable
{
    /// <summary>What it is called on command lines.</summary>
    string Name { get; }

    /// <summary>The device reads bytes, page by page, each page at one moment between call and return.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">Gets the bytes.</param>
    /// <returns>
    /// None; BadAddress where nothing readable is mapped or the device may not reach; Busy if changes did not let it through for
    /// <see cref="HmmRange.DefaultTimeout"/>; NoMemory; NoProcess when the address space has gone. Pages before the failing one were read.
    /// </returns>
    Errno Read(ulong address, Span<byte> destination);

    /// <summary>The device writes bytes, page by page, each page at one moment between call and return.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>As <see cref="Read"/>; NotPermitted where the mapping cannot be written. The failing page is as it was.</returns>
    Errno Write(ulong address, ReadOnlySpan<byte> source);
}
