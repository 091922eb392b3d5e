namespace MmuNotifier.Hmm;

/// <summary>The requests of a mirror device (<c>HMM_DMIRROR_*</c>, same numbers).</summary>
public enum MirrorRequestKind
{
    /// <summary>Reads through the device's table; faults from the first gap to the end.</summary>
    Read = 0,

    /// <summary>Writes through the device's table.</summary>
    Write = 1,

    /// <summary>Moves pages to the device, then reads them back through its table.</summary>
    MigrateToDevice = 2,

    /// <summary>Moves the device's pages back.</summary>
    MigrateToSystem = 3,

    /// <summary>One byte a page: what is there, without faulting.</summary>
    Snapshot = 4,

    /// <summary>Takes the pages for the device's atomics.</summary>
    Exclusive = 5,

    /// <summary>Fails with NotPermitted if the device still has a page exclusively.</summary>
    CheckExclusive = 6,

    /// <summary>Moves all pages that the device has back, whoever's they are.</summary>
    Release = 7,

    /// <summary>Sets flags; bit 0: the next allocation of device memory fails.</summary>
    Flags = 8,
}
