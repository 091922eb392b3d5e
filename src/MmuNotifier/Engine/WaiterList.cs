namespace MmuNotifier;

/// <summary>Waiters in order of arrival; each joins and leaves in constant time. Guarded by the engine lock.</summary>
/// <remarks>A ring: the one before the first is the last. The list is one reference, because every notifier has one.</remarks>
internal struct WaiterList<TPlace>
    where TPlace : struct, IWaiterPlace
{
    public Waiter? First { get; private set; }

    public void Add(Waiter waiter)
    {
        ref WaiterLinks links = ref TPlace.LinksOf(waiter);
        if (First is null)
        {
            links.Next = waiter;
            links.Previous = waiter;
            First = waiter;
            return;
        }

        ref WaiterLinks linksOfFirst = ref TPlace.LinksOf(First);
        links.Next = First;
        links.Previous = linksOfFirst.Previous;
        TPlace.LinksOf(linksOfFirst.Previous!).Next = waiter;
        linksOfFirst.Previous = waiter;
    }

    /// <param name="waiter">One that is in this list.</param>
    public void Remove(Waiter waiter)
    {
        ref WaiterLinks links = ref TPlace.LinksOf(waiter);
        bool isAlone = ReferenceEquals(links.Next, waiter);
        TPlace.LinksOf(links.Previous!).Next = links.Next;
        TPlace.LinksOf(links.Next!).Previous = links.Previous;
        if (isAlone)
            First = null;
        else if (ReferenceEquals(First, waiter))
            First = links.Next;
        links = default;
    }

    /// <summary>The one behind a waiter of this list; null behind the last.</summary>
    public readonly Waiter? After(Waiter waiter)
    {
        Waiter? next = TPlace.LinksOf(waiter).Next;
        return ReferenceEquals(next, First) ? null : next;
    }
}
