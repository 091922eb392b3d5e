namespace MmuNotifier.Linux;

/// <summary>Where a page is that a device has, or is about to have.</summary>
internal enum TakenState
{
    /// <summary>Still in the process, protected, on the way to a device: writes wait.</summary>
    Collected,

    /// <summary>In the device's private memory, and not in the process: a touch brings it back.</summary>
    Private,

    /// <summary>Held by a device for its atomics, and not in the process: a touch brings it back.</summary>
    Exclusive,

    /// <summary>
    /// The device's by name only; the content stays in the process: coherent memory, and pages that cannot be taken away.
    /// </summary>
    Resident,
}
