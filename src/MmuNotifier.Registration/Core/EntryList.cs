namespace MmuNotifier.Registration;

/// <summary>
/// Entries that were taken out, the last one first. An entry is in one list at most. Allocates nothing, since entries are added inside
/// invalidations. The cache's lock guards it, which its owner asserts.
/// </summary>
internal sealed class EntryList<TRegistration>
{
    public EntryNotifier<TRegistration>? First { get; private set; }

    public void Add(EntryNotifier<TRegistration> entry)
    {
        entry.Next = First;
        First?.Previous = entry;
        First = entry;
    }

    public void Remove(EntryNotifier<TRegistration> entry)
    {
        if (entry.Previous is { } previous)
            previous.Next = entry.Next;
        else
            First = entry.Next;
        entry.Next?.Previous = entry.Previous;
        entry.Next = entry.Previous = null;
    }

    public EntryNotifier<TRegistration>? TakeFirst()
    {
        EntryNotifier<TRegistration>? first = First;
        if (first is not null)
            Remove(first);
        return first;
    }
}
