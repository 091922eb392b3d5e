using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <content>Finds the notifier of a mapping, or makes it.</content>
public sealed partial class MirrorDeviceFile
{
    // Guarded by the driver lock. A notifier is inserted before it is put here, so that one here may be removed already.
    private readonly List<MirrorNotifier> _notifiers = [];

    /// <summary>
    /// The callback of a notifier. The cut is under the driver lock, so that nobody sees the right half in the list before it is inserted.
    /// </summary>
    internal void Invalidate(MirrorNotifier notifier, in Invalidation invalidation)
    {
        using (_lock.Hold())
        {
            _table.Forget(invalidation.Overlap);
            if (invalidation.Event == InvalidationEvent.Unmap && notifier.Cut(invalidation.Range, CreateRight) == CutResult.Removed)
                _notifiers.Remove(notifier);
        }
    }

    private MirrorNotifier CreateRight()
    {
        var right = new MirrorNotifier(this);
        _notifiers.Add(right);
        return right;
    }

    private void ForgetNotifier(MirrorNotifier notifier)
    {
        using (_lock.Hold())
            _notifiers.Remove(notifier);
    }

    /// <summary>The notifier over an address; made for as much of the mapping as no other notifier of this file covers.</summary>
    private bool TryGetNotifier(ulong address, out AddressRange covered, [NotNullWhen(true)] out MirrorNotifier? notifier)
    {
        notifier = null;
        covered = default;
        if (!Memory.TryFindMapping(address, out Mapping mapping) || mapping.Range.Start > address)
            return false;
        ulong start = mapping.Range.Start;
        ulong last = mapping.Range.Last;
        using (_lock.Hold())
        {
            foreach (MirrorNotifier own in _notifiers)
            {
                AddressRange range = own.Range;
                if (range.Contains(address))
                {
                    (covered, notifier) = (range, own);
                    return true;
                }

                if (range.Last < address)
                    start = Math.Max(start, range.Last + 1);
                else
                    last = Math.Min(last, range.Start - 1);
            }
        }

        covered = new AddressRange(start, last);
        notifier = new MirrorNotifier(this);
        if (!Memory.Space.TryInsert(notifier, covered))
            return false;
        using (_lock.Hold())
            _notifiers.Add(notifier);
        return true;
    }

    private MirrorNotifier? TakeNotifier()
    {
        using (_lock.Hold())
        {
            if (_notifiers.Count == 0)
                return null;
            MirrorNotifier last = _notifiers[^1];
            _notifiers.RemoveAt(_notifiers.Count - 1);
            return last;
        }
    }
}
