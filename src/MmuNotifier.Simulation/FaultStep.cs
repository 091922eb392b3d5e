namespace MmuNotifier.Simulation;

/// <summary>What a fault has to do next.</summary>
internal enum FaultStep
{
    /// <summary>Nothing: it is served, or failed.</summary>
    Done,

    /// <summary>Wait for the end of a migration, without the mapping lock.</summary>
    Wait,

    /// <summary>Ask the program that brings missing pages, without the page-table lock.</summary>
    Ask,

    /// <summary>Copy the page; event Clear.</summary>
    Copy,

    /// <summary>Split the huge entry; event Clear.</summary>
    Split,

    /// <summary>Bring a private device page back; event Migrate.</summary>
    TakeBack,

    /// <summary>Take a device's exclusive access away; event Exclusive.</summary>
    RevokeExclusive,
}
