namespace MmuNotifier;

/// <content>Whole-space notifiers: complete pairs of start and end, also for those that come and go while invalidations are
/// active.</content>
public sealed partial class AddressSpace
{
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
            long version = _version.BeginEdit();
            _pairs.Insert(registration);
            _version.EndEdit(version);
            foreach (ActiveInvalidation active in Active)
            {
                if (active.TryRequireLock(active.State.Generation))
                    (started ??= []).Add(_pairs.Add(active, notifier, WholeSpacePhase.Starting));
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
                _pairs.Drop(hit);
                return;
            }

            if (!hit.EndRequested)
            {
                hit.Phase = WholeSpacePhase.Started;
                if (notifier.State == NotifierState.Removing)
                {
                    notifier.HandOverEnd(hit);
                    _removals.CompleteIfQuiet(notifier);
                }

                return;
            }

            hit.Phase = WholeSpacePhase.Ending;
        }

        DeliverEnd(notifier, hit.Invalidation);
        using (_lock.Hold())
            _pairs.Drop(hit);
    }

    private void DeliverEnds(ActiveInvalidation invalidation)
    {
        if (invalidation.WholeSpaceHitCount == 0)
            return;
        foreach (WholeSpaceHit hit in invalidation.WholeSpaceHits)
        {
            DeliverEnd(hit.Notifier!, hit.Invalidation);
            using (_lock.Hold())
                _pairs.Finish(hit);
        }

        invalidation.WholeSpaceHits.Clear();
    }

    private void Withdraw(WholeSpaceNotifier notifier)
    {
        _lock.AssertHeld();
        long version = _version.BeginEdit();
        _pairs.Remove(notifier);
        _version.EndEdit(version);
        _pairs.Withdraw(notifier);
    }
}
