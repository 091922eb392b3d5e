namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>
/// The commands of the mirror device (<c>HMM_DMIRROR_*</c>). The request number of ioctl is <see cref="MirrorCommandBlock.FirstRequest"/>
/// plus the value.
/// </summary>
public enum MirrorCommand
{
    /// <summary>Read through the device's page table; gaps are faulted in.</summary>
    Read = 0,

    /// <summary>Write through the device's page table; gaps and pages that are not writable are faulted in.</summary>
    Write = 1,

    /// <summary>Move pages to the device, then read them back through the device's page table.</summary>
    MigrateToDevice = 2,

    /// <summary>Move pages back to system memory.</summary>
    MigrateToSystem = 3,

    /// <summary>One byte a page that says what is there; faults nothing (<see cref="MirrorSnapshot"/>).</summary>
    Snapshot = 4,

    /// <summary>Take the pages for the device's atomics.</summary>
    Exclusive = 5,

    /// <summary>Ask whether the CPU has taken back all pages that the device held for its atomics.</summary>
    CheckExclusive = 6,

    /// <summary>Move everything out of the device's memory.</summary>
    Release = 7,

    /// <summary>Set flags, given in place of the number of pages: bit 0 makes the next allocation fail: of device memory in a
    /// migration to the device, of system memory in one from it.</summary>
    Flags = 8,

    /// <summary>
    /// As <see cref="Read"/>. In Linux it differs in that the fault takes the mapping lock itself; here every fault does
    /// (<see cref="HmmRange.FaultUnlocked"/>).
    /// </summary>
    ReadUnlocked = 9,
}
