namespace MmuNotifier;

/// <summary>Inheritance of coverage (docs/contract.md, item 1).</summary>
/// <remarks>The field is guarded by the engine lock, and empty between edits.</remarks>
internal sealed class Inheritance(EngineLock engineLock, ActiveInvalidations active, OwedCalls owedCalls)
{
    private readonly TakenBytes _taken = new();

    /// <summary>
    /// For each started invalidation, the notifiers that the batch puts over bytes that it takes from a notifier whose callback has not
    /// returned are due as well. In the batch's order, each once; the order of the removals and moves that take does not matter.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Any part of the invalidation that lies in the taken bytes counts, not only the overlap of the call: the notifier may itself have
    /// inherited or grown since. A needless call is harmless, a missing one is a stale entry.
    /// </para>
    /// <para>
    /// An heir that the invalidation skips, because its owner asked for it, is due as well: it is not called when its turn comes, but until
    /// then it passes the call on to the notifier that takes the bytes from it.
    /// </para>
    /// </remarks>
    public void Note(NotifierBatch batch)
    {
        engineLock.AssertHeld();
        foreach (ActiveInvalidation invalidation in active)
        {
            ActiveState state = invalidation.State;
            if (state.IsActive)
                Note(batch, invalidation, state.Generation);
        }

        _taken.GiveBack();
    }

    /// <remarks>
    /// The second look comes after the attention and the fence. A call that has not returned for it returns later, and then the walk finds
    /// the attention and takes the lock: it has not passed the place where it looks. A first look that finds no call unreturned needs no
    /// fence, because an old value of the cursor is a lower one.
    /// </remarks>
    private void Note(NotifierBatch batch, ActiveInvalidation invalidation, long generation)
    {
        ulong start = invalidation.Start;
        ulong last = invalidation.Last;
        if (invalidation.State.Generation != generation)
            return; // It has ended: nothing is owed, and the bounds may be of two uses.
        var range = new AddressRange(start, last);
        LookForTakers(invalidation, range, batch);
        if (_taken.IsEmpty)
            return;
        invalidation.AskFor(Attention.Inherited);
        invalidation.FenceAgainstWalker();
        LookForTakers(invalidation, range, batch);
        if (!_taken.IsEmpty && invalidation.State.Generation == generation)
            AddHeirs(invalidation, range, batch);
    }

    private void LookForTakers(ActiveInvalidation invalidation, AddressRange range, NotifierBatch batch)
    {
        _taken.Clear();
        foreach (BatchEdit edit in batch.Edits)
        {
            if (edit.Kind != BatchEditKind.Insert && edit.Expected.Overlaps(range) && owedCalls.Owes(invalidation, edit.Notifier))
                _taken.Add(in edit);
        }
    }

    private void AddHeirs(ActiveInvalidation invalidation, AddressRange range, NotifierBatch batch)
    {
        _taken.Order();
        foreach (BatchEdit heir in batch.Edits)
        {
            if (heir.Kind == BatchEditKind.Remove || !heir.NewRange.Overlaps(range))
                continue;
            AddressRange overlap = heir.NewRange.Intersect(range);
            if (_taken.Meets(overlap))
                invalidation.InheritedHits.Add(heir.Notifier, overlap);
        }
    }
}
