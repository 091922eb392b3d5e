using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <content>Insertions, moves and batches.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// Inserts a notifier (<c>mmu_interval_notifier_insert</c>); it takes effect at once. May be called anywhere, also inside any callback
    /// and under any lock of the user. Active invalidations that meet the range do not call it back, but its read sections wait for them.
    /// </summary>
    /// <remarks>Cost: logarithmic in the notifiers, plus a look at each invalidation that is active now.</remarks>
    /// <param name="notifier">A notifier that was never inserted.</param>
    /// <param name="range">The range to watch, in bytes, bounds inclusive.</param>
    /// <exception cref="InvalidOperationException">The notifier was inserted before, here or elsewhere.</exception>
    /// <exception cref="AddressSpaceExitedException">The address space has exited.</exception>
    /// <exception cref="OutOfMemoryException">
    /// The first notifier of the process that handles <see cref="Notifier.Released"/>, and the system gives no thread for that. Nothing
    /// was inserted.
    /// </exception>
    public void Insert(IntervalNotifier notifier, AddressRange range)
    {
        if (!TryInsert(notifier, range))
            throw new AddressSpaceExitedException();
    }

    /// <summary>Inserts a notifier whose callback is a delegate; as <see cref="Insert(IntervalNotifier, AddressRange)"/>.</summary>
    /// <param name="range">The range to watch, in bytes, bounds inclusive.</param>
    /// <param name="callback">What the notifier does with an invalidation; see <see cref="IntervalNotifier.Invalidate"/>.</param>
    /// <param name="owner">The device that the notifier works for; see <see cref="IntervalNotifier.Owner"/>.</param>
    /// <returns>The notifier: it begins read sections, and removes itself.</returns>
    /// <exception cref="AddressSpaceExitedException">The address space has exited.</exception>
    public IntervalNotifier Insert(AddressRange range, InvalidateCallback callback, object? owner = null)
    {
        IntervalNotifier notifier = IntervalNotifier.Create(callback, owner);
        Insert(notifier, range);
        return notifier;
    }

    /// <summary>As <see cref="Insert(IntervalNotifier, AddressRange)"/>, but reports an exited space by its result.</summary>
    /// <remarks>Cost: logarithmic in the notifiers, plus a look at each invalidation that is active now.</remarks>
    /// <param name="notifier">A notifier that was never inserted.</param>
    /// <param name="range">The range to watch, in bytes, bounds inclusive.</param>
    /// <returns>False if the address space has exited; the notifier stays new.</returns>
    /// <exception cref="InvalidOperationException">The notifier was inserted before, here or elsewhere.</exception>
    public bool TryInsert(IntervalNotifier notifier, AddressRange range)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        Prepare(notifier);
        using (_lock.Hold())
        {
            if (_exited)
            {
                RequireNew(notifier);
                return false;
            }

            long version = _version.BeginEditWithoutFence();
            bool isClaimed = notifier.TryClaim(); // The fence of the edit.
            if (isClaimed)
                BeginInsertion(notifier, range);
            _version.EndEdit(version);
            if (!isClaimed)
                ThrowInsertedBefore(notifier);
            notifier.EndInsertion(isFailed: false);
            return true;
        }
    }

    /// <summary>What the release of a notifier will need, before it is inserted: nothing that can fail is left for later.</summary>
    internal void Prepare(Notifier notifier)
    {
        if (notifier.FindHandlesReleased())
            _releaseWorkers.Start();
    }

    /// <summary>
    /// Applies a batch as one step, if every notifier that it removes or moves still has the range that the batch believes; else changes
    /// nothing and says why. Removals are deferred ones. May be called anywhere, also inside any callback and under any lock of the user.
    /// </summary>
    /// <remarks>
    /// Coverage is inherited: where the batch takes bytes from a notifier whose callback for a started invalidation has not returned, every
    /// notifier that it puts over these bytes gets that invalidation's callback, after the ordered ones and before that start returns.
    /// Cost: for each edit, logarithmic in the notifiers, plus a look at each invalidation that is active now.
    /// </remarks>
    /// <param name="batch">The edits. It is not changed and can be applied again.</param>
    /// <exception cref="InvalidOperationException">
    /// A notifier to insert was inserted before, or one to edit is of another space.
    /// </exception>
    /// <exception cref="OutOfMemoryException">As in <see cref="Insert(IntervalNotifier, AddressRange)"/>; nothing was applied.</exception>
    public EditResult Apply(NotifierBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (BatchEdit edit in batch.Edits)
        {
            if (edit.Kind == BatchEditKind.Insert)
                Prepare(edit.Notifier);
        }

        using (_lock.Hold())
            return ApplyLocked(batch);
    }

    internal AddressRange RangeOf(IntervalNotifier notifier)
    {
        using (_lock.Hold())
            return notifier.RangeLocked;
    }

    internal EditResult Move(IntervalNotifier notifier, AddressRange? expected, AddressRange newRange)
    {
        using (_lock.Hold())
        {
            if (notifier.State != NotifierState.Inserted)
                return EditResult.AlreadyRemoved;
            if (expected is { } range && notifier.RangeLocked != range)
                return EditResult.RangeDiffers;
            MoveLocked(notifier, newRange);
            return EditResult.Applied;
        }
    }

    /// <summary>One attempt to cut; <paramref name="needsRight"/> asks for a notifier for the right piece and another attempt.</summary>
    internal CutResult TryCut(IntervalNotifier notifier, AddressRange hole, IntervalNotifier? right, out bool needsRight)
    {
        needsRight = false;
        using (_lock.Hold())
        {
            if (notifier.State != NotifierState.Inserted)
                return CutResult.AlreadyRemoved;
            AddressRange range = notifier.RangeLocked;
            if (!range.Overlaps(hole))
                return CutResult.Untouched;
            bool keepsLeft = range.Start < hole.Start;
            bool keepsRight = hole.Last < range.Last;
            switch (keepsLeft, keepsRight)
            {
                case (false, false):
                    RemoveLocked(notifier);
                    return CutResult.Removed;
                case (true, false):
                    MoveLocked(notifier, new AddressRange(range.Start, hole.Start - 1));
                    return CutResult.KeptLeft;
                case (false, true):
                    MoveLocked(notifier, new AddressRange(hole.Last + 1, range.Last));
                    return CutResult.KeptRight;
                default:
                    return TrySplit(notifier, range, hole, right, out needsRight);
            }
        }
    }

    private CutResult TrySplit(
        IntervalNotifier notifier, AddressRange range, AddressRange hole, IntervalNotifier? right, out bool needsRight)
    {
        needsRight = false;
        if (_exited)
            return CutResult.Exited;
        needsRight = right is null;
        if (right is null)
            return CutResult.Untouched;
        RequireNew(right);
        _failedPiece = notifier.Word.IsFailed ? right : null;
        _splitBatch.Clear();
        _splitBatch
            .Move(notifier, range, new AddressRange(range.Start, hole.Start - 1))
            .Insert(right, new AddressRange(hole.Last + 1, range.Last));
        try
        {
            EditResult result = ApplyLocked(_splitBatch);
            Debug.Assert(result == EditResult.Applied, "All conditions of the split were checked under the same lock.");
        }
        finally
        {
            _splitBatch.Clear();
            _failedPiece = null;
        }

        return CutResult.Split;
    }

    private void MoveLocked(IntervalNotifier notifier, AddressRange newRange)
    {
        _lock.AssertHeld();
        var edit = new BatchEdit(BatchEditKind.Move, notifier, notifier.RangeLocked, newRange);
        long version = _version.BeginEdit();
        EditTree(edit);
        _version.EndEdit(version);
        FinishEdit(edit);
    }

    private EditResult ApplyLocked(NotifierBatch batch)
    {
        _lock.AssertHeld();
        EditResult result = Check(batch);
        if (result != EditResult.Applied)
            return result;
        PrepareRemovals(batch);
        ClaimInserted(batch);
        long version = _version.BeginEdit();

        // Inherit first: a removal below takes the calls back that are inherited here.
        _inheritance.Note(batch);
        foreach (BatchEdit edit in batch.Edits)
            EditTree(edit);
        _version.EndEdit(version);
        foreach (BatchEdit edit in batch.Edits)
            FinishEdit(edit);
        _tree.AssertInvariants();
        return EditResult.Applied;
    }

    /// <summary>The part of an edit that starts see, inside an edit of the tree.</summary>
    private void EditTree(in BatchEdit edit)
    {
        switch (edit.Kind)
        {
            case BatchEditKind.Remove:
                BeginRemoval(edit.Notifier);
                break;
            case BatchEditKind.Move:
                edit.Notifier.BeginMove();
                if (edit.Expected.Start != edit.NewRange.Start)
                    _owedCalls.NotePlace(edit.Notifier);
                edit.Notifier.SetRange(edit.NewRange);
                _tree.Move(edit.Notifier, edit.Expected, edit.NewRange);
                break;
            default:
                BeginInsertion(edit.Notifier, edit.NewRange);
                break;
        }
    }

    /// <summary>The part of an edit that readers and removers see.</summary>
    private void FinishEdit(in BatchEdit edit)
    {
        switch (edit.Kind)
        {
            case BatchEditKind.Remove:
                Withdraw(edit.Notifier);
                break;
            case BatchEditKind.Move:
                edit.Notifier.EndMove();
                _readers.Wake(edit.Notifier);
                break;
            default:
                edit.Notifier.EndInsertion(isFailed: ReferenceEquals(edit.Notifier, _failedPiece));
                break;
        }
    }

    private void BeginInsertion(IntervalNotifier notifier, AddressRange range)
    {
        // A start may find it and call it back as soon as the version is even again, and the callback may edit it.
        notifier.MarkInserted(this);
        notifier.SetRange(range);
        _tree.Insert(notifier, range);
    }

    private void BeginRemoval(IntervalNotifier notifier)
    {
        notifier.MarkRemoving();
        _tree.Remove(notifier, notifier.RangeLocked.Start);
    }

    private EditResult Check(NotifierBatch batch)
    {
        EditResult result = EditResult.Applied;
        foreach (BatchEdit edit in batch.Edits)
        {
            EditResult own = Check(edit);
            if (result == EditResult.Applied)
                result = own;
        }

        return result;
    }

    private EditResult Check(BatchEdit edit)
    {
        if (edit.Kind == BatchEditKind.Insert)
        {
            RequireNew(edit.Notifier);
            return _exited ? EditResult.Exited : EditResult.Applied;
        }

        if (!ReferenceEquals(edit.Notifier.Space, this))
            throw new InvalidOperationException(
                $"{edit.Notifier.TypeName} is not a notifier of this address space; a batch edits one space.");
        if (edit.Notifier.State != NotifierState.Inserted)
            return EditResult.AlreadyRemoved;
        return edit.Notifier.RangeLocked == edit.Expected ? EditResult.Applied : EditResult.RangeDiffers;
    }

    private static void RequireNew(Notifier notifier)
    {
        if (!notifier.IsNew)
            ThrowInsertedBefore(notifier);
    }

    private static void PrepareRemovals(NotifierBatch batch)
    {
        foreach (BatchEdit edit in batch.Edits)
        {
            if (edit.Kind == BatchEditKind.Remove)
                edit.Notifier.PrepareRemoval();
        }
    }

    /// <summary>
    /// Last before the edit: from here on the notifiers are this space's, and nothing fails. All or none. Two batches of two spaces that
    /// claim each other's notifiers at the same moment may both fail: each was inserted twice.
    /// </summary>
    private static void ClaimInserted(NotifierBatch batch)
    {
        List<BatchEdit> edits = batch.Edits;
        for (int i = 0; i < edits.Count; i++)
        {
            if (edits[i].Kind != BatchEditKind.Insert || edits[i].Notifier.TryClaim())
                continue;
            for (int claimed = 0; claimed < i; claimed++)
            {
                if (edits[claimed].Kind == BatchEditKind.Insert)
                    edits[claimed].Notifier.Unclaim();
            }

            ThrowInsertedBefore(edits[i].Notifier);
        }
    }

    [DoesNotReturn]
    private static void ThrowInsertedBefore(Notifier notifier) => throw new InvalidOperationException(
        $"{notifier.TypeName} was inserted before; a notifier is inserted once, make a new one.");
}
