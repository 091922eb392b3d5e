namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// Shared virtual memory as nouveau does it in the series "make interval notifier updates safe": one notifier a mapping, found or made at a
/// device fault, and cut by Unmap from inside its callback. See docs/drivers/svm.md.
/// </summary>
/// <remarks>The driver lock is nouveau's <c>svmm->mutex</c>. It guards the table and the creation of notifiers.</remarks>
public sealed class SvmDriver : ReferenceDriver
{
    private readonly DeviceTable _table = new();
    private readonly HashSet<SvmNotifier> _notifiers = [];

    /// <summary>Attaches to an address space; nothing is watched before the first fault.</summary>
    /// <param name="memory">The address space.</param>
    public SvmDriver(MirroredMemory memory)
        : base(memory, "svmm mutex")
    {
    }

    /// <inheritdoc/>
    public override string Name => "svm";

    /// <summary>The ranges of the notifiers now, in ascending order.</summary>
    public IReadOnlyList<AddressRange> GetNotifierRanges()
    {
        using (Lock.Hold())
            return [.. _notifiers.Select(notifier => notifier.Range).OrderBy(range => range.Start)];
    }

    /// <summary>The callback's work.</summary>
    internal void Invalidate(SvmNotifier notifier, in Invalidation invalidation)
    {
        using (Lock.Hold())
        {
            _table.Forget(invalidation.Overlap);
            if (invalidation.Event == InvalidationEvent.Unmap)
                PunchHole(notifier, invalidation.Overlap);
        }
    }

    private protected override DeviceTable FindTable(ulong page) => _table;

    private protected override Errno Fault(in DeviceAccess access)
    {
        if (!Memory.TryFindMapping(access.Page, out Mapping mapping) || !mapping.Range.Contains(access.Page))
            return Errno.BadAddress;
        SvmNotifier? notifier = FindOrMakeNotifier(access.Page, mapping.Range);
        return notifier is null ? Errno.NoProcess : FaultPage(notifier, _table, access);
    }

    private protected override void Detach()
    {
        SvmNotifier[] notifiers;
        using (Lock.Hold())
            notifiers = [.. _notifiers];
        foreach (SvmNotifier notifier in notifiers)
            notifier.Remove();
        using (Lock.Hold())
        {
            _notifiers.Clear();
            _table.Clear();
        }
    }

    // The mapping may have gone or grown since it was looked at. A notifier too many does no harm, and the new one fills just the gap
    // between those that are there: each page has one notifier at most, since only this makes them, under the lock.
    private SvmNotifier? FindOrMakeNotifier(ulong page, AddressRange mapping)
    {
        using (Lock.Hold())
        {
            ulong start = mapping.Start;
            ulong last = mapping.Last;
            foreach (SvmNotifier other in _notifiers)
            {
                AddressRange range = other.Range;
                if (range.Contains(page))
                    return other;
                if (range.Last < page)
                    start = Math.Max(start, range.Last + 1);
                else
                    last = Math.Min(last, range.Start - 1);
            }

            return Insert(new AddressRange(start, last));
        }
    }

    private SvmNotifier? Insert(AddressRange range)
    {
        var made = new SvmNotifier(this);
        if (!Memory.Space.TryInsert(made, range))
            return null;
        _notifiers.Add(made);
        return made;
    }

    private void PunchHole(SvmNotifier notifier, AddressRange hole)
    {
        SvmNotifier? right = null;
        CutResult result = notifier.Cut(hole, () => right = new SvmNotifier(this));
        if (result == CutResult.Split)
            _notifiers.Add(right!);
        else if (result is CutResult.Removed or CutResult.AlreadyRemoved)
            _notifiers.Remove(notifier);
    }
}
