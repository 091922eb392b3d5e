namespace MmuNotifier;

/// <summary>Decides, under the engine lock, whether a waiter's wait is over.</summary>
internal interface IWaiterCondition
{
    bool IsMet(Waiter waiter);
}
