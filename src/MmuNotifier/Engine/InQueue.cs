namespace MmuNotifier;

/// <summary>The place of a waiter in the queue for the event that it waits for.</summary>
internal readonly struct InQueue : IWaiterPlace
{
    public static ref WaiterLinks LinksOf(Waiter waiter) => ref waiter.QueueLinks;
}
