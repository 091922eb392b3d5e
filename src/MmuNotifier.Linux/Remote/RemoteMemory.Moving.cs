using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Remote;

/// <content>
/// Before the process moves memory: the kernel refuses to move several mappings at once if one of them is registered, and it does not join a
/// registered mapping with its neighbours.
/// </content>
internal sealed unsafe partial class RemoteMemory
{
    /// <summary>Whether the range consists of several mappings, and one of them is registered.</summary>
    internal bool IsSplit(AddressRange range)
    {
        lock (_knownLock)
        {
            if (!_registered.Overlaps(range))
                return false;
        }

        return MappingsIn(range).Count > 1;
    }

    /// <summary>
    /// Brings all pages of the range's mappings back, tells devices that they have gone, and registers the mappings no more, so the kernel
    /// joins those that belong together. No request may be under way. False if a page could not be brought back.
    /// </summary>
    internal bool TryLetGo(AddressRange range)
    {
        bool isWhole = true;
        lock (_mappingLock)
        {
            foreach (Mapping mapping in MappingsIn(range))
            {
                if (!ReturnRange(mapping.Range, WaitLimit))
                {
                    isWhole = false;
                    continue;
                }

                using (Space.ReportInvalidation(mapping.Range, InvalidationEvent.Unmap))
                {
                    ForgetKnown(mapping.Range);
                    ForgetRegistered(mapping.Range);
                    _serving.Unregister(mapping.Range.Start, mapping.Range.Last);
                    _noticing.Unregister(mapping.Range.Start, mapping.Range.Last);
                }
            }
        }

        return isWhole;
    }

    private void ForgetRegistered(AddressRange range)
    {
        lock (_knownLock)
            _registered.Remove(range);
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
