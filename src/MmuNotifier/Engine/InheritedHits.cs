namespace MmuNotifier;

/// <summary>
/// The calls that batches passed on to others, for one invalidation, in the order in which they are made. Guarded by the engine lock.
/// </summary>
internal struct InheritedHits
{
    private List<InheritedHit>? _inOrder;
    private Dictionary<IntervalNotifier, InheritedHit>? _lastOf;

    public readonly int Count => _inOrder?.Count ?? 0;

    public readonly InheritedHit this[int index] => _inOrder![index];

    /// <summary>The last call that is due to a notifier, was, or runs; those before it are linked. Null if there is none.</summary>
    public readonly InheritedHit? LastOf(IntervalNotifier notifier) => Count == 0 ? null : _lastOf!.GetValueOrDefault(notifier);

    /// <summary>Once per notifier, as long as that call has not begun; bytes taken over later need a call of their own.</summary>
    public void Add(IntervalNotifier notifier, AddressRange overlap)
    {
        InheritedHit? last = LastOf(notifier);
        if (last is { Phase: InheritedPhase.Pending })
        {
            last.Overlap = last.Overlap.Hull(overlap);
            return;
        }

        var hit = new InheritedHit(notifier, overlap, last);
        (_inOrder ??= []).Add(hit);
        _lastOf ??= new Dictionary<IntervalNotifier, InheritedHit>(ReferenceEqualityComparer.Instance);
        _lastOf[notifier] = hit;
    }

    /// <summary>Forgets all, and gives back the room of a peak.</summary>
    public void Clear()
    {
        if (Room.IsMuch(_inOrder?.Capacity ?? 0))
            _inOrder = null;
        _inOrder?.Clear();
        if (Room.IsMuch(_lastOf?.Capacity ?? 0))
            _lastOf = null;
        _lastOf?.Clear();
    }
}
