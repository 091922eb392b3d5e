namespace MmuNotifier;

/// <content>Inheritance of coverage (docs/contract.md, item 1).</content>
public sealed partial class AddressSpace
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
    /// <para>
    /// The second look comes after the attention and the fence. A call that has not returned for it returns later, and then the walk finds
    /// the attention and takes the lock: it has not passed the place where it looks. A first look that finds no call unreturned needs no
    /// fence, because an old value of the cursor is a lower one.
    /// </para>
    /// </remarks>
    private void NoteInheritance(NotifierBatch batch)
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            ActiveState state = active.State;
            if (!state.IsActive)
                continue;
            ulong start = active.Start;
            ulong last = active.Last;
            if (active.State.Generation != state.Generation)
                continue; // It has ended: nothing is owed, and the bounds may be of two uses.
            var range = new AddressRange(start, last);
            LookForTakers(active, range, batch);
            if (_taken.IsEmpty)
                continue;
            active.AskFor(Attention.Inherited);
            FenceAgainstWalkerOf(active);
            LookForTakers(active, range, batch);
            if (!_taken.IsEmpty && active.State.Generation == state.Generation)
                AddHeirs(active, range, batch);
        }

        _taken.GiveBack();
    }

    private void LookForTakers(ActiveInvalidation active, AddressRange range, NotifierBatch batch)
    {
        _taken.Clear();
        foreach (BatchEdit edit in batch.Edits)
        {
            if (edit.Kind != BatchEditKind.Insert && edit.Expected.Overlaps(range) && OwesCall(active, edit.Notifier))
                _taken.Add(in edit);
        }
    }

    private void AddHeirs(ActiveInvalidation active, AddressRange range, NotifierBatch batch)
    {
        _taken.Order();
        foreach (BatchEdit heir in batch.Edits)
        {
            if (heir.Kind == BatchEditKind.Remove || !heir.NewRange.Overlaps(range))
                continue;
            AddressRange overlap = heir.NewRange.Intersect(range);
            if (_taken.Meets(overlap))
                active.InheritedHits.Add(heir.Notifier, overlap);
        }
    }

    /// <summary>Whether a call is due or has not returned, one that was fixed at the start or an inherited one.</summary>
    private bool OwesCall(ActiveInvalidation active, IntervalNotifier notifier)
    {
        if (active.InheritedHits.LastOf(notifier) is { IsUnreturned: true })
            return true;
        if (active.SkipsCallbackOf(notifier))
            return false;
        int position = FindHit(active, notifier);
        return position >= 0 && active.Cursor <= position;
    }
}
