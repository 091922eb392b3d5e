namespace MmuNotifier.Processes;

/// <summary>What became of a page that was to come back into its process.</summary>
internal enum ReturnOutcome
{
    /// <summary>The process has it, and its frame is free.</summary>
    Returned,

    /// <summary>No device has it at this address any more: an event took it away, or it is on its way.</summary>
    NotHere,

    /// <summary>The kernel refused for as long as was waited: the device still has it.</summary>
    StillAway,
}
