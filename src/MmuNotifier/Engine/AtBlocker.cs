namespace MmuNotifier;

/// <summary>The place of a reader among those that one invalidation blocks.</summary>
internal readonly struct AtBlocker : IWaiterPlace
{
    public static ref WaiterLinks LinksOf(Waiter waiter) => ref waiter.BlockerLinks;
}
