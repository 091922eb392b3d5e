using System.Diagnostics;

namespace MmuNotifier;

/// <content>The walk: an invalidation's callbacks, on the thread that starts it, under no lock of the engine.</content>
public sealed partial class AddressSpace
{
    private void Walk(ActiveInvalidation invalidation)
    {
        int ordered = invalidation.OrderedHitCount;
        int wholeSpace = invalidation.OrderedWholeSpaceCount;
        if (ordered == 0 && wholeSpace == 0)
            return;
        _lock.AssertNotHeld();
        bool goesOn = RunOrderedHits(invalidation, ordered)
            && RunInheritedHits(invalidation, ordered)
            && DeliverStarts(invalidation, wholeSpace);
        if (!goesOn)
            Refuse(invalidation);
        if (invalidation.SecondStepCount > 0)
            RunSecondSteps(invalidation);
        Leave(invalidation);
    }

    /// <remarks>
    /// The count was fixed at the linearisation point. Edits may append inherited hits meanwhile and grow the array, but the ordered ones
    /// stay where they are.
    /// </remarks>
    private bool RunOrderedHits(ActiveInvalidation invalidation, int count)
    {
        for (int i = 0; i < count; i++)
        {
            // One that cannot begin was removed before its turn: plain removal gives coverage up.
            Hit hit = invalidation.HitAt(i);
            if (hit.TryBeginCallback() && !RunHit(invalidation, hit))
                return false;
        }

        return true;
    }

    /// <remarks>
    /// When this finds no more under the lock, every hit of the invalidation has returned; nobody can inherit from it any more, so the
    /// list is final. A call is begun under the lock, because an edit may widen its overlap until then.
    /// </remarks>
    private bool RunInheritedHits(ActiveInvalidation invalidation, int ordered)
    {
        for (int i = ordered; ; i++)
        {
            Hit hit;
            bool begun;
            using (_lock.Hold())
            {
                if (i == invalidation.HitCount)
                    return true;
                hit = invalidation.HitAt(i);
                hit.Sequence = hit.Notifier!.Sequence; // It was noted before the edit that made it due bumped the sequence.
                begun = hit.TryBeginCallback();
            }

            if (begun && !RunHit(invalidation, hit))
                return false;
        }
    }

    /// <returns>False if the callback refused.</returns>
    private bool RunHit(ActiveInvalidation invalidation, Hit hit)
    {
        IntervalNotifier notifier = hit.Notifier!;
        InvalidateResult result = default;
        try
        {
            result = notifier.Invalidate(
                new Invalidation(invalidation, hit.Overlap, hit.Sequence, invalidation.IsBlockable, hit.IsInherited));
            if (result.IsWouldBlock && invalidation.IsBlockable)
                throw new InvalidOperationException($"{notifier} answered WouldBlock to a blockable invalidation of {invalidation.Range}.");
        }
        catch (Exception exception)
        {
            result = default;
            NoteFailure(invalidation, notifier, exception);
        }

        if (result.SecondStep is { } secondStep)
        {
            hit.SecondStep = secondStep;
            invalidation.SecondStepCount++;
            hit.Advance(HitPhase.SecondStepTaken);
            return true;
        }

        Finish(hit);
        return !result.IsWouldBlock;
    }

    private void RunSecondSteps(ActiveInvalidation invalidation)
    {
        for (int i = 0; i < invalidation.HitCount; i++)
        {
            Hit hit = invalidation.HitAt(i);
            if (hit.SecondStep is not { } secondStep)
                continue;
            try
            {
                secondStep.Finish(
                    new Invalidation(invalidation, hit.Overlap, hit.Sequence, invalidation.IsBlockable, hit.IsInherited));
            }
            catch (Exception exception)
            {
                NoteFailure(invalidation, hit.Notifier!, exception);
            }

            Finish(hit);
        }
    }

    /// <summary>The last user code of the hit has returned; if a remover waits for it, it need not wait for the rest of the walk.</summary>
    private void Finish(Hit hit)
    {
        if (!hit.Advance(HitPhase.Done))
            return;
        using (_lock.Hold())
            Unlink(hit);
    }

    private void Refuse(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
        {
            invalidation.IsRefused = true;
            for (int i = 0; i < invalidation.HitCount; i++)
                invalidation.HitAt(i).TryCancel();
        }
    }

    private void Leave(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
        {
            for (int i = 0; i < invalidation.HitCount; i++)
            {
                Hit hit = invalidation.HitAt(i);
                Debug.Assert(hit.Phase is HitPhase.Done or HitPhase.Cancelled, "A walk leaves no callback behind.");
                Unlink(hit);
            }

            invalidation.ClearHits();
        }
    }

    private void Unlink(Hit hit)
    {
        _lock.AssertHeld();
        if (!hit.IsLinked)
            return;
        IntervalNotifier notifier = hit.Notifier!;
        notifier.UnlinkHit(hit);
        CompleteRemovalIfQuiet(notifier);
    }

    /// <summary>Contract item 16: a start that can refuse will throw; one that reports a change fails the notifier and goes on.</summary>
    private void NoteFailure(ActiveInvalidation invalidation, Notifier notifier, Exception exception)
    {
        if (!invalidation.IsReport)
        {
            (invalidation.Exceptions ??= []).Add(exception);
            return;
        }

        if (notifier is IntervalNotifier intervalNotifier)
        {
            using (_lock.Hold())
            {
                intervalNotifier.Gate = intervalNotifier.Gate.AsFailed;
                intervalNotifier.BumpSequence();
                WakeReaders(intervalNotifier);
            }
        }

        RaiseCallbackFailed(notifier, exception);
    }
}
