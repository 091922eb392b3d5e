namespace MmuNotifier;

/// <summary>Which calls active invalidations owe to notifiers, and how a removal takes them back or waits for them.</summary>
/// <remarks>The field is guarded by the engine lock. All of it runs inside edits.</remarks>
internal sealed class OwedCalls(EngineLock engineLock, ActiveInvalidations active)
{
    private readonly FormerPlaces _formerPlaces = new();

    /// <summary>
    /// Before a notifier leaves its place: keeps in mind where active invalidations met it. One that is not found begins again, because
    /// the version has moved, and meets it at the new place.
    /// </summary>
    public void NotePlace(IntervalNotifier notifier)
    {
        engineLock.AssertHeld();
        if (!active.HasAny())
        {
            _formerPlaces.Clear();
            return;
        }

        FormerPlace? places = null;
        for (FormerPlace? former = _formerPlaces.Of(notifier); former is not null; former = former.Next)
        {
            if (active.HasMet(notifier, former.Place))
                places = new FormerPlace(former.Place, places);
        }

        if (active.HasMet(notifier, notifier.TreePlace))
            places = new FormerPlace(notifier.TreePlace, places);
        _formerPlaces.Set(notifier, places);
    }

    /// <summary>Whether a call is due or has not returned, one that was fixed at the start or an inherited one.</summary>
    public bool Owes(ActiveInvalidation invalidation, IntervalNotifier notifier)
    {
        engineLock.AssertHeld();
        if (invalidation.InheritedHits.LastOf(notifier) is { IsUnreturned: true })
            return true;
        if (invalidation.SkipsCallbackOf(notifier))
            return false;
        int position = FindHit(invalidation, notifier);
        return position >= 0 && invalidation.Cursor <= position;
    }

    /// <summary>
    /// Calls off what is due to a notifier that is out of the tree, and notes what the removal has to wait for. The edit made a full fence:
    /// a start that it does not find in the list sees that the version has moved.
    /// </summary>
    public void TakeBack(IntervalNotifier notifier)
    {
        engineLock.AssertHeld();
        foreach (ActiveInvalidation invalidation in active)
        {
            ActiveState state = invalidation.State;
            if (!state.IsActive)
                continue;
            TakeOrderedHitBack(invalidation, state.Generation, notifier);
            for (InheritedHit? hit = invalidation.InheritedHits.LastOf(notifier); hit is not null; hit = hit.Earlier)
                TakeBackOrAwait(hit);
        }

        _formerPlaces.Forget(notifier);
    }

    /// <remarks>The walk makes each step of an inherited call under the lock, so it will see this.</remarks>
    private static void TakeBackOrAwait(InheritedHit hit)
    {
        if (hit.Phase == InheritedPhase.Pending)
            hit.CallOff();
        if (hit.Phase is not (InheritedPhase.Running or InheritedPhase.SecondStepTaken))
            return;
        hit.IsAwaited = true;
        hit.Notifier.AwaitHit();
    }

    private void TakeOrderedHitBack(ActiveInvalidation invalidation, long generation, IntervalNotifier notifier)
    {
        int position = FindHit(invalidation, notifier);
        if (position < 0)
        {
            // Perhaps because the object is in its next use, which was seen in fields that order nothing: what the last one did must be
            // seen.
            Fence.Full();
            return;
        }

        if (invalidation.Cursor < position)
        {
            invalidation.TakeBack(position, generation);
            invalidation.FenceAgainstWalker();
            if (invalidation.Cursor < position)
                return;
        }

        Await(invalidation, generation, new AwaitedCall(notifier, position));
    }

    private static void Await(ActiveInvalidation invalidation, long generation, AwaitedCall call)
    {
        invalidation.AwaitedCalls.Add(call);
        invalidation.AskFor(Attention.Removals);
        invalidation.FenceAgainstWalker();

        // In this order: a use of the object that has ended can look unfinished, but only when the generation has moved.
        if (!invalidation.HasFinished(call.Position) && invalidation.State.Generation == generation)
            call.Notifier.AwaitHit();
        else
            invalidation.AwaitedCalls.RemoveAt(invalidation.AwaitedCalls.Count - 1);
    }

    /// <summary>
    /// The position of the call to a notifier that was fixed at the start, if it is not taken back; -1 if there is none. Logarithmic in the
    /// hits of the invalidation.
    /// </summary>
    private int FindHit(ActiveInvalidation invalidation, IntervalNotifier notifier)
    {
        int position = invalidation.FindHit(notifier, notifier.TreePlace);
        for (FormerPlace? former = _formerPlaces.Of(notifier); position < 0 && former is not null; former = former.Next)
            position = invalidation.FindHit(notifier, former.Place);
        return position;
    }
}
