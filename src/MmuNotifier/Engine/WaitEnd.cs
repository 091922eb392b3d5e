namespace MmuNotifier;

/// <summary>What ended a wait first. By then a signal may have come as well: the thread that withdraws the waiter finds
/// out.</summary>
internal enum WaitEnd
{
    Signalled,
    Cancelled,
    Interrupted,
}
