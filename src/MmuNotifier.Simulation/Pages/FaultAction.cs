namespace MmuNotifier.Simulation;

/// <summary>What the next step of a fault is.</summary>
internal enum FaultAction
{
    /// <summary>Nothing: the access can go on.</summary>
    Done,

    /// <summary>A page is to be put where none is.</summary>
    Fill,

    /// <summary>The page is this address space's own, or shared for writing: it only becomes writable.</summary>
    MakeWritable,

    /// <summary>A copy replaces a page that others use too.</summary>
    Copy,

    /// <summary>A huge page is to be split, so that one page of it can be copied.</summary>
    Split,

    /// <summary>A private page of a device comes back.</summary>
    BringBack,

    /// <summary>Exclusive access ends.</summary>
    TakeBack,

    /// <summary>The page is on the move.</summary>
    Wait,
}
