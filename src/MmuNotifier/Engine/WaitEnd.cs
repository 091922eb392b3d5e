namespace MmuNotifier;

/// <summary>What ended a wait first. By the time that it is looked at, a signal may have come as well: who withdraws the waiter finds
/// out.</summary>
internal enum WaitEnd
{
    Signalled,
    Cancelled,
    Interrupted,
}
