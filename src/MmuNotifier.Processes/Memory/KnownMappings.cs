using MmuNotifier.Hmm;

namespace MmuNotifier.Processes;

/// <summary>
/// What devices may have taken from which mapping, and what that mapping permitted. Each page that a device has an entry of lies in one of
/// these: so a change without an event (mprotect) is found by comparing them with the mappings of now. Guarded by its owner.
/// </summary>
internal sealed class KnownMappings
{
    private readonly List<KnownMapping> _known = [];

    /// <summary>Whether devices know the mapping as it is, and touches of missing pages wait if they must.</summary>
    internal bool Contains(in Mapping mapping, bool withMissing)
    {
        foreach (KnownMapping known in _known)
        {
            if (known.Mapping == mapping)
                return known.WithMissing || !withMissing;
        }

        return false;
    }

    /// <summary>Those that the range touches.</summary>
    internal List<KnownMapping> In(AddressRange range) => _known.FindAll(known => known.Mapping.Range.Overlaps(range));

    /// <summary>
    /// Adds one. Drops those that have become a part of it, except those that permitted something else: devices have not been notified of
    /// that change.
    /// </summary>
    internal void Add(KnownMapping added)
    {
        Mapping mapping = added.Mapping;
        _known.RemoveAll(known => mapping.Range.Contains(known.Mapping.Range) && known.IsOfKind(mapping));
        _known.Add(added);
    }

    /// <summary>Devices have been notified that nothing is left of the range; what lies around it stays known.</summary>
    internal void Forget(AddressRange range)
    {
        foreach (KnownMapping known in In(range))
        {
            _known.Remove(known);
            AddressRange whole = known.Mapping.Range;
            if (whole.Start < range.Start)
                _known.Add(known.Part(new AddressRange(whole.Start, range.Start - 1)));
            if (whole.Last > range.Last)
                _known.Add(known.Part(new AddressRange(range.Last + 1, whole.Last)));
        }
    }

    /// <summary>
    /// Devices have been notified how one differs from the current mappings; the parts are those that have not changed. Does nothing if
    /// another thread has done the same meanwhile.
    /// </summary>
    internal void Replace(KnownMapping known, List<AddressRange> unchanged)
    {
        // This one, not an equal one that was added in between: devices have not been notified of that one.
        int index = _known.FindIndex(other => ReferenceEquals(other, known));
        if (index < 0)
            return;
        _known.RemoveAt(index);
        foreach (AddressRange part in unchanged)
            _known.Add(known.Part(part));
    }
}
