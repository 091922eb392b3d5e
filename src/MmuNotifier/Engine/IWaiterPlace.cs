namespace MmuNotifier;

/// <summary>Says which links of a waiter a list uses, so that a waiter can be in several lists and leave each at once.</summary>
internal interface IWaiterPlace
{
    static abstract ref WaiterLinks LinksOf(Waiter waiter);
}
