namespace MmuNotifier;

/// <summary>
/// Removals, moves and insertions of interval notifiers that become visible as one step, or not at all: a hole, a split, a merge. Fill
/// it, then give it to <see cref="AddressSpace.Apply"/>; clear it to use it again.
/// </summary>
/// <remarks>Not for use by several threads at once. It allocates nothing once it has grown.</remarks>
public sealed class NotifierBatch
{
    /// <summary>For so many edits or fewer, comparing all of them is faster than a set.</summary>
    private const int FewEdits = 8;

    private readonly List<BatchEdit> _edits = [];

    /// <summary>The notifiers of the edits, once there are more than <see cref="FewEdits"/>.</summary>
    private HashSet<IntervalNotifier>? _notifiers;

    /// <summary>How many edits the batch holds.</summary>
    public int Count => _edits.Count;

    internal List<BatchEdit> Edits => _edits;

    /// <summary>Adds a deferred removal, on condition that the notifier still has the expected range.</summary>
    /// <param name="notifier">The notifier to remove.</param>
    /// <param name="expected">The range that the caller believes it to have.</param>
    /// <returns>This batch.</returns>
    /// <exception cref="ArgumentException">The batch has an edit of this notifier already.</exception>
    public NotifierBatch Remove(IntervalNotifier notifier, AddressRange expected) =>
        Add(new BatchEdit(BatchEditKind.Remove, notifier, expected, default));

    /// <summary>Adds a move, on condition that the notifier still has the expected range.</summary>
    /// <param name="notifier">The notifier to move.</param>
    /// <param name="expected">The range that the caller believes it to have.</param>
    /// <param name="newRange">The range to have from then on.</param>
    /// <returns>This batch.</returns>
    /// <exception cref="ArgumentException">The batch has an edit of this notifier already.</exception>
    public NotifierBatch Move(IntervalNotifier notifier, AddressRange expected, AddressRange newRange) =>
        Add(new BatchEdit(BatchEditKind.Move, notifier, expected, newRange));

    /// <summary>Adds an insertion.</summary>
    /// <param name="notifier">A notifier that was never inserted.</param>
    /// <param name="range">The range to watch.</param>
    /// <returns>This batch.</returns>
    /// <exception cref="ArgumentException">The batch has an edit of this notifier already.</exception>
    public NotifierBatch Insert(IntervalNotifier notifier, AddressRange range) =>
        Add(new BatchEdit(BatchEditKind.Insert, notifier, default, range));

    /// <summary>Takes all edits out.</summary>
    public void Clear()
    {
        if (Room.IsTooMuch(_notifiers?.Capacity ?? 0, _edits.Count))
            _notifiers = null;
        _notifiers?.Clear();
        _edits.Clear();
    }

    private NotifierBatch Add(BatchEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit.Notifier);
        bool isNew = _edits.Count < FewEdits ? !HasEditOf(edit.Notifier) : NotifiersOfEdits().Add(edit.Notifier);
        if (!isNew)
            throw new ArgumentException("The batch has an edit of this notifier already; a batch edits each notifier once.");
        _edits.Add(edit);
        return this;
    }

    private bool HasEditOf(IntervalNotifier notifier)
    {
        foreach (BatchEdit edit in _edits)
        {
            if (ReferenceEquals(edit.Notifier, notifier))
                return true;
        }

        return false;
    }

    private HashSet<IntervalNotifier> NotifiersOfEdits()
    {
        _notifiers ??= new HashSet<IntervalNotifier>(ReferenceEqualityComparer.Instance);
        if (_edits.Count == FewEdits)
        {
            foreach (BatchEdit edit in _edits)
                _notifiers.Add(edit.Notifier);
        }

        return _notifiers;
    }
}
