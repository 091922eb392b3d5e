namespace MmuNotifier;

/// <summary>The neighbours of a waiter in one list; null while it is in none.</summary>
internal struct WaiterLinks
{
    public Waiter? Next;
    public Waiter? Previous;
}
