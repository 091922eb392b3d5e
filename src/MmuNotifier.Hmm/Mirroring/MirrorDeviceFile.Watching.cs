namespace MmuNotifier.Hmm;

/// <content>The notifiers: one a mapping, found or made when the device faults, cut from inside the callback.</content>
public sealed partial class MirrorDeviceFile
{
    /// <summary>The notifier that covers the page. Null after exit or close, or where nothing is mapped.</summary>
    private MirrorNotifier? NotifierOver(ulong address)
    {
        AddressRange page = AddressRange.FromLength(address, MirroredMemory.PageBytes);
        if (FindOwn(page) is { } found)
            return found;
        if (!_memory.TryFindMapping(address, out Mapping mapping) || mapping.Range.Start > address)
            return null;
        using (_lock.Hold())
        {
            // Under the lock: of two device faults in a new mapping one makes the notifier. That the mapping may have changed does no harm: the
            // range fault looks again.
            if (_isClosed || FindOwn(page) is not null)
                return FindOwn(page);
            var made = new MirrorNotifier(this);
            return _memory.Space.TryInsert(made, FreePartAround(address, mapping.Range)) ? made : null;
        }
    }

    private MirrorNotifier? FindOwn(AddressRange range)
    {
        foreach (FoundNotifier found in _memory.Space.Find(range))
        {
            if (found.Notifier is MirrorNotifier notifier && notifier.File == this)
            {
#pragma warning disable MMUN005 // Its release frees nothing, and a section on a removed notifier says so.
                return notifier;
#pragma warning restore MMUN005
            }
        }

        return null;
    }

    private AddressRange FreePartAround(ulong address, AddressRange range)
    {
        ulong start = range.Start;
        ulong last = range.Last;
        foreach (FoundNotifier found in _memory.Space.Find(range))
        {
            if (found.Notifier is not MirrorNotifier notifier || notifier.File != this)
                continue;
            AddressRange taken = found.Range;
            if (taken.Last < address)
                start = Math.Max(start, taken.Last + 1);
            else if (taken.Start > address)
                last = Math.Min(last, taken.Start - 1);
        }

        return new AddressRange(start, last);
    }

    // A callback that runs may still insert the right part of its notifier: until none is found.
    private void RemoveNotifiers()
    {
        while (FindOwn(AddressRange.Whole) is { } notifier)
            notifier.Remove();
    }
}
