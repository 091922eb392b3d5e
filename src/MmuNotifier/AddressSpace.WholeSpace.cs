using System.Diagnostics;

namespace MmuNotifier;

/// <content>Whole-space notifiers: complete pairs of start and end, also for those that come and go while invalidations are
/// active.</content>
public sealed partial class AddressSpace
{
    private const int FewSpareWholeSpaceHits = 64;

    /// <summary>In the order of their insertion.</summary>
    private readonly LinkedList<WholeSpaceNotifier> _wholeSpaceNotifiers = [];
    private readonly Stack<WholeSpaceHit> _spareWholeSpaceHits = [];
    private int _wholeSpaceHitCount;

    /// <summary>
    /// Inserts a whole-space notifier (<c>mmu_notifier_register</c>). Delivers the start of every active invalidation, on this thread,
    /// before it returns. May be called inside callbacks; not under a lock that this notifier's callbacks take.
    /// </summary>
    /// <remarks>Cost: linear in the invalidations that are active now, whose starts it delivers.</remarks>
    /// <param name="notifier">A notifier that was never inserted.</param>
    /// <exception cref="InvalidOperationException">The notifier was inserted before, here or elsewhere.</exception>
    /// <exception cref="AddressSpaceExitedException">The address space has exited.</exception>
    /// <exception cref="OutOfMemoryException">The system gives no thread for the notifier's release; nothing was inserted.</exception>
    public void Insert(WholeSpaceNotifier notifier)
    {
        if (!TryInsert(notifier))
            throw new AddressSpaceExitedException();
    }

    /// <summary>As <see cref="Insert(WholeSpaceNotifier)"/>, but reports an exited space by its result.</summary>
    /// <remarks>Cost: linear in the invalidations that are active now, whose starts it delivers.</remarks>
    /// <param name="notifier">A notifier that was never inserted.</param>
    /// <returns>False if the address space has exited; the notifier stays new.</returns>
    /// <exception cref="InvalidOperationException">The notifier was inserted before, here or elsewhere.</exception>
    public bool TryInsert(WholeSpaceNotifier notifier)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        List<WholeSpaceHit>? started = null;
        var registration = new LinkedListNode<WholeSpaceNotifier>(notifier);
        Prepare(notifier);
        _releaseWorkers.Start(); // For the missing ends at its removal, whether or not it handles Released.
        using (_lock.Hold())
        {
            if (_exited)
            {
                RequireNew(notifier);
                return false;
            }

            if (!notifier.TryClaim())
                ThrowInsertedBefore(notifier);
            notifier.MarkInserted(this);
            long version = BeginEdit();
            _wholeSpaceNotifiers.AddLast(registration);
            notifier.Registration = registration;
            EndEdit(version);
            for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
            {
                if (active.TryRequireLock(active.State.Generation))
                    (started ??= []).Add(AddWholeSpaceHit(active, notifier, WholeSpacePhase.Starting));
            }
        }

        foreach (WholeSpaceHit hit in started ?? [])
        {
            CallStart(notifier, hit.Invalidation, out Exception? failure);
            if (failure is not null)
                RaiseCallbackFailed(notifier, failure); // The invalidation has started; it is too late to refuse it.
            FinishStart(hit, accepted: true);
        }

        return true;
    }

    internal void DeliverEnd(WholeSpaceNotifier notifier, in Invalidation invalidation)
    {
        _lock.AssertNotHeld();
        try
        {
            using (CallFrame.Enter(notifier, CallKind.WholeSpaceEnd))
                notifier.InvalidateEnd(invalidation);
        }
        catch (Exception exception)
        {
            RaiseCallbackFailed(notifier, exception);
        }
    }

    /// <summary>
    /// Makes the pairs of an invalidation that starts under the lock. If an insertion beside it has made a pair already, because it found
    /// the invalidation published before this start took the lock, then the inserting thread keeps delivering that pair.
    /// </summary>
    private void AddWholeSpaceHits(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        int registered = invalidation.WholeSpaceHitCount;
        foreach (WholeSpaceNotifier notifier in _wholeSpaceNotifiers)
        {
            bool isRegistrations = false;
            for (int i = 0; i < registered; i++)
                isRegistrations |= ReferenceEquals(invalidation.WholeSpaceHits[i].Notifier, notifier);
            if (!isRegistrations)
                AddWholeSpaceHit(invalidation, notifier, WholeSpacePhase.Pending);
        }

        invalidation.OrderedWholeSpaceCount = invalidation.WholeSpaceHitCount;
        if (invalidation.OrderedWholeSpaceCount > 0)
            invalidation.TryRequireLock(invalidation.State.Generation);
    }

    private WholeSpaceHit AddWholeSpaceHit(ActiveInvalidation invalidation, WholeSpaceNotifier notifier, WholeSpacePhase phase)
    {
        _lock.AssertHeld();
        WholeSpaceHit hit = _spareWholeSpaceHits.TryPop(out WholeSpaceHit? spare) ? spare : new WholeSpaceHit();
        _wholeSpaceHitCount++;
        hit.Notifier = notifier;
        hit.Invalidation = invalidation.CallbackArgument.ForWholeSpace(mayBlock: phase == WholeSpacePhase.Starting);
        hit.Phase = phase;
        hit.EndRequested = false;
        invalidation.WholeSpaceHits.Add(hit);
        notifier.AddHit(hit);
        return hit;
    }

    /// <returns>False if a notifier refused.</returns>
    private bool DeliverStarts(ActiveInvalidation invalidation, int count)
    {
        for (int i = 0; i < count; i++)
        {
            WholeSpaceHit hit;
            using (_lock.Hold())
            {
                hit = invalidation.WholeSpaceHits[i];
                if (hit.Phase != WholeSpacePhase.Pending)
                    continue;
                hit.Phase = WholeSpacePhase.Starting;
            }

            bool accepted = CallStart(hit.Notifier!, hit.Invalidation, out Exception? failure);
            if (failure is not null)
                NoteFailure(invalidation, hit.Notifier!, failure);
            FinishStart(hit, accepted);
            if (!accepted)
                return false;
        }

        return true;
    }

    /// <returns>False if it refused. One that throws has seen the start, so it gets the end as well.</returns>
    private static bool CallStart(WholeSpaceNotifier notifier, in Invalidation invalidation, out Exception? failure)
    {
        failure = null;
        try
        {
            bool accepted;
            using (CallFrame.Enter(notifier, CallKind.WholeSpaceStart, invalidation.IsBlockable))
                accepted = notifier.InvalidateStart(invalidation);
            if (accepted)
                return true;
            if (!invalidation.IsBlockable)
                return false;
            throw new InvalidOperationException($"{notifier.TypeName} refused a blockable invalidation of {invalidation.Range}.");
        }
        catch (Exception exception)
        {
            failure = exception;
            return true;
        }
    }

    private void FinishStart(WholeSpaceHit hit, bool accepted)
    {
        WholeSpaceNotifier notifier = hit.Notifier!;
        using (_lock.Hold())
        {
            if (!accepted)
            {
                Drop(hit);
                return;
            }

            if (!hit.EndRequested)
            {
                hit.Phase = WholeSpacePhase.Started;
                if (notifier.State == NotifierState.Removing)
                {
                    notifier.HandOverEnd(hit);
                    CompleteRemovalIfQuiet(notifier);
                }

                return;
            }

            hit.Phase = WholeSpacePhase.Ending;
        }

        DeliverEnd(notifier, hit.Invalidation);
        using (_lock.Hold())
            Drop(hit);
    }

    /// <summary>At the end of an invalidation: what was never started is dropped, what is someone else's to end is left to them.</summary>
    private void PrepareEnds(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        if (invalidation.WholeSpaceHitCount == 0)
            return;
        List<WholeSpaceHit> hits = invalidation.WholeSpaceHits;
        int kept = 0;
        for (int i = 0; i < hits.Count; i++)
        {
            StepCount.Add();
            WholeSpaceHit hit = hits[i];
            switch (hit.Phase)
            {
                case WholeSpacePhase.Started:
                    hit.Phase = WholeSpacePhase.Ending;
                    hits[kept++] = hit;
                    break;
                case WholeSpacePhase.Starting:
                    // The registering thread ends it when its start has returned.
                    hit.EndRequested = true;
                    ReturnHit(hit, isUsedElsewhere: true);
                    break;
                case WholeSpacePhase.Pending:
                    Drop(hit);
                    ReturnHit(hit, isUsedElsewhere: false);
                    break;
                case WholeSpacePhase.Dropped:
                    ReturnHit(hit, isUsedElsewhere: false);
                    break;
                default:
                    Debug.Assert(hit.Phase == WholeSpacePhase.HandedOver, "An invalidation ends once.");
                    ReturnHit(hit, isUsedElsewhere: true);
                    break;
            }
        }

        hits.RemoveRange(kept, hits.Count - kept);
    }

    /// <summary>A pair leaves its invalidation's list. Pairs are kept for reuse as long as they are few beside those in use.</summary>
    private void ReturnHit(WholeSpaceHit hit, bool isUsedElsewhere)
    {
        _wholeSpaceHitCount--;
        if (!isUsedElsewhere)
            _spareWholeSpaceHits.Push(hit);
        while (_spareWholeSpaceHits.Count > _wholeSpaceHitCount + FewSpareWholeSpaceHits)
            _spareWholeSpaceHits.Pop();
        if (Room.IsTooMuch(_spareWholeSpaceHits.Capacity, _spareWholeSpaceHits.Count))
            Room.GiveBack(_spareWholeSpaceHits, _spareWholeSpaceHits.Capacity / 2);
    }

    private void DeliverEnds(ActiveInvalidation invalidation)
    {
        if (invalidation.WholeSpaceHitCount == 0)
            return;
        foreach (WholeSpaceHit hit in invalidation.WholeSpaceHits)
        {
            DeliverEnd(hit.Notifier!, hit.Invalidation);
            using (_lock.Hold())
            {
                Drop(hit);
                ReturnHit(hit, isUsedElsewhere: false);
            }
        }

        invalidation.WholeSpaceHits.Clear();
    }

    private void Withdraw(WholeSpaceNotifier notifier)
    {
        _lock.AssertHeld();
        long version = BeginEdit();
        _wholeSpaceNotifiers.Remove(notifier.Registration!);
        notifier.Registration = null;
        EndEdit(version);
        for (int i = notifier.Hits.Count - 1; i >= 0; i--)
        {
            WholeSpaceHit hit = notifier.Hits[i];
            if (hit.Phase == WholeSpacePhase.Started)
                notifier.HandOverEnd(hit);
            else if (hit.Phase == WholeSpacePhase.Pending)
                Forget(hit);
        }

        CompleteRemovalIfQuiet(notifier);
    }

    /// <summary>No call of this pair runs or will run.</summary>
    private void Drop(WholeSpaceHit hit)
    {
        WholeSpaceNotifier notifier = hit.Notifier!;
        Forget(hit);
        CompleteRemovalIfQuiet(notifier);
    }

    private void Forget(WholeSpaceHit hit)
    {
        _lock.AssertHeld();
        hit.Phase = WholeSpacePhase.Dropped;
        hit.Notifier!.RemoveHit(hit);
        hit.Notifier = null;
        hit.Invalidation = default;
    }
}
