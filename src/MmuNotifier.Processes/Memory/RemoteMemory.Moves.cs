using MmuNotifier.Hmm;

namespace MmuNotifier.Processes;

/// <content>
/// Before the process moves memory: the kernel refuses to move several mappings at once if one of them is registered, and it does not join
/// a registered mapping with its neighbours.
/// </content>
public sealed unsafe partial class RemoteMemory
{
    /// <summary>
    /// To be called before the process moves memory by mremap. If the range consists of several mappings and one of them is registered:
    /// brings all pages of them back, notifies devices that they have gone, and ends their registration, so the kernel joins those that
    /// belong together. No request may be under way until the range has moved.
    /// </summary>
    /// <param name="range">What is to be moved, bounds inclusive.</param>
    public void PrepareRemap(AddressRange range)
    {
        if (!_mappings.Overlaps(range))
            return;
        List<Mapping> mappings = MappingsIn(range);
        if (mappings.Count == 1)
            return;
        lock (_mappingLock)
        {
            foreach (Mapping mapping in mappings)
                LetGo(mapping.Range);
        }
    }

    // A page that cannot be brought back keeps its mapping registered: the move fails then, and nothing is lost.
    private void LetGo(AddressRange range)
    {
        if (!ReturnRange(range, WaitLimit))
            return;
        using (Space.ReportInvalidation(range, InvalidationEvent.Unmap))
        {
            _mappings.Forget(range);
            _serving.Unregister(range.Start, range.Last);
            _noticing.Unregister(range.Start, range.Last);
        }
    }

    private List<Mapping> MappingsIn(AddressRange range)
    {
        var mappings = new List<Mapping>();
        ulong address = range.Start;
        while (TryQuery(address, out Mapping mapping) && mapping.Range.Start <= range.Last)
        {
            mappings.Add(mapping);
            if (mapping.Range.Last >= range.Last)
                break;
            address = mapping.Range.Last + 1;
        }

        return mappings;
    }
}
