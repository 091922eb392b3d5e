using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Which mappings of the process are registered with its userfaultfds, and which of them devices know. Any thread may call any member; the
/// lock is a leaf.
/// </summary>
/// <param name="serving">The userfaultfd whose faults are answered.</param>
/// <param name="noticing">The one that only notices changes.</param>
internal sealed class RegisteredMappings(UserfaultfdDescriptor serving, UserfaultfdDescriptor noticing)
{
    // Both are guarded by the lock. What is registered need not be known: a mapping that moved, or was let go.
    private readonly Lock _lock = new();
    private readonly KnownMappings _known = new();
    private readonly RangeSet _registered = new();

    /// <summary>Whether devices know the mapping as it is, and touches of missing pages wait if they must.</summary>
    internal bool IsKnown(in Mapping mapping, bool withMissing)
    {
        lock (_lock)
            return _known.Contains(mapping, withMissing);
    }

    /// <summary>Registers the mapping as a whole: a part would split it, and a later mremap over both parts would fail.</summary>
    internal bool Register(in Mapping mapping, bool withMissing)
    {
        AddressRange range = mapping.Range;
        lock (_lock)
        {
            UserfaultfdDescriptor? descriptor = serving;
            UserfaultfdResult result = withMissing
                ? serving.RegisterWithMissing(range.Start, range.Last)
                : serving.Register(range.Start, range.Last);
            if (result.Status == UserfaultfdStatus.NotWatchable && !withMissing)
            {
                // A file: its changes can be noticed, its faults cannot be answered.
                descriptor = noticing;
                result = noticing.Register(range.Start, range.Last);
            }

            // Nobody can write through it, so that there is nothing to protect, and nothing would be noticed. It is mirrored all the same:
            // an access finds out what is there.
            // Likewise what the process itself watches with a userfaultfd.
            bool isUnnoticed = result.Status is UserfaultfdStatus.ReadOnlyShared or UserfaultfdStatus.TakenByAnother && !withMissing;
            if (!result.Succeeded && !isUnnoticed)
                return false;
            _known.Add(new KnownMapping(mapping, result.Succeeded ? descriptor : null, withMissing));
            if (result.Succeeded)
                _registered.Add(range);
            return true;
        }
    }

    /// <summary>What is registered has moved here.</summary>
    internal void NoteMovedTo(AddressRange range)
    {
        lock (_lock)
            _registered.Add(range);
    }

    /// <summary>Whether anything in the range is registered.</summary>
    internal bool Overlaps(AddressRange range)
    {
        lock (_lock)
            return _registered.Overlaps(range);
    }

    /// <summary>Those that devices know and the range touches.</summary>
    internal List<KnownMapping> KnownIn(AddressRange range)
    {
        lock (_lock)
            return _known.In(range);
    }

    /// <summary>See <see cref="KnownMappings.Replace"/>.</summary>
    internal void Replace(KnownMapping known, List<AddressRange> unchanged)
    {
        lock (_lock)
            _known.Replace(known, unchanged);
    }

    /// <summary>Devices have been told that nothing is left of the range.</summary>
    internal void ForgetKnown(AddressRange range)
    {
        lock (_lock)
            _known.Forget(range);
    }

    /// <summary>Nothing of the range is registered any more, and devices have been told so.</summary>
    internal void Forget(AddressRange range)
    {
        lock (_lock)
        {
            _known.Forget(range);
            _registered.Remove(range);
        }
    }
}
