using System.Diagnostics;

namespace MmuNotifier;

/// <content>The walk: an invalidation's callbacks, on the thread that starts it, under no lock of the engine.</content>
public sealed partial class AddressSpace
{
    /// <returns>False if a callback refused.</returns>
    private bool Walk(ActiveInvalidation invalidation)
    {
        _lock.AssertNotHeld();
        bool goesOn = RunHits(invalidation);
        if (invalidation.NeedsAttention)
            goesOn = goesOn && RunInheritedHits(invalidation);
        if (invalidation.OrderedWholeSpaceCount > 0)
            goesOn = goesOn && DeliverStarts(invalidation, invalidation.OrderedWholeSpaceCount);
        if (invalidation.SecondStepCount > 0)
            RunSecondSteps(invalidation);
        if (invalidation.NeedsAttention)
            Leave(invalidation);
        return goesOn;
    }

    /// <remarks>The loop is apart from the handler, so that a hit costs no more than its call.</remarks>
    private bool RunHits(ActiveInvalidation invalidation)
    {
        if (invalidation.HitCount == 0)
            return true;
        var call = new Invalidation(invalidation, isInherited: false);
        IntervalNotifier? running = null;
        int index = 0;
        while (true)
        {
            try
            {
                return RunHits(invalidation, ref call, ref running, ref index);
            }
            catch (Exception exception)
            {
                NoteFailure(invalidation, running!, exception);
                FinishHit(invalidation, ref index);
            }
        }
    }

    private bool RunHits(ActiveInvalidation invalidation, ref Invalidation call, ref IntervalNotifier? running, ref int index)
    {
        int count = invalidation.HitCount;
        invalidation.Cursor = index;
        while (index < count)
        {
            ref Hit hit = ref invalidation.HitAt(index);

            // Null: removed before its turn; plain removal gives coverage up. Read after the cursor was written; see Cursor.
            if (hit.Notifier.Read() is { } notifier && !invalidation.SkipsCallbackOf(notifier))
            {
                running = notifier;
                call.Overlap = hit.Overlap;
                InvalidateResult result = CallInvalidate(notifier, in call);
                if (result != InvalidateResult.Done && !TakeAnswer(invalidation, notifier, result, ref hit.SecondStep))
                {
                    Refuse(invalidation);
                    return false;
                }
            }

            FinishHit(invalidation, ref index);
        }

        return true;
    }

    /// <summary>The call at the index has returned; if a remover waits for it, it need not wait for the rest of the walk.</summary>
    private void FinishHit(ActiveInvalidation invalidation, ref int index)
    {
        ref Hit hit = ref invalidation.HitAt(index);
        if (hit.SecondStep.ReadRelaxed() is null)
            hit.Notifier.WriteRelaxed(null);
        invalidation.Cursor = ++index;
        if (invalidation.NeedsAttention)
            TellRemovers(invalidation);
    }

    /// <returns>False if the callback refused and may.</returns>
    private static bool TakeAnswer(
        ActiveInvalidation invalidation, IntervalNotifier notifier, InvalidateResult answer, ref AtomicReference<ISecondStep> secondStep)
    {
        if (answer.SecondStep is { } step)
        {
            secondStep.WriteRelaxed(step);
            invalidation.SecondStepCount++;
            return true;
        }

        return !invalidation.IsBlockable
            ? false
            : throw new InvalidOperationException($"{notifier} answered WouldBlock to a blockable invalidation of {invalidation.Range}.");
    }

    /// <remarks>
    /// When this finds no more under the lock, every hit of the invalidation has returned; nobody can inherit from it any more, so the
    /// list is final. A call is begun under the lock, because an edit may widen its overlap until then.
    /// </remarks>
    private bool RunInheritedHits(ActiveInvalidation invalidation)
    {
        for (int i = 0; ; i++)
        {
            InheritedHit hit;
            using (_lock.Hold())
            {
                if (i == invalidation.InheritedHits.Count)
                    return true;
                hit = invalidation.InheritedHits[i];
                if (hit.Phase != InheritedPhase.Pending)
                    continue;
                hit.Phase = InheritedPhase.Running;
            }

            if (!RunInheritedHit(invalidation, hit))
                return false;
        }
    }

    private bool RunInheritedHit(ActiveInvalidation invalidation, InheritedHit hit)
    {
        bool goesOn = true;
        AtomicReference<ISecondStep> secondStep = default;
        try
        {
            var call = new Invalidation(invalidation, isInherited: true) { Overlap = hit.Overlap };
            InvalidateResult result = CallInvalidate(hit.Notifier, in call);
            goesOn = result == InvalidateResult.Done || TakeAnswer(invalidation, hit.Notifier, result, ref secondStep);
        }
        catch (Exception exception)
        {
            NoteFailure(invalidation, hit.Notifier, exception);
        }

        using (_lock.Hold())
        {
            hit.SecondStep = secondStep.ReadRelaxed();
            hit.Phase = hit.SecondStep is null ? InheritedPhase.Done : InheritedPhase.SecondStepTaken;
            TellRemoversLocked(invalidation);
            if (!goesOn)
                DropPendingInheritedHits(invalidation);
        }

        return goesOn;
    }

    private void RunSecondSteps(ActiveInvalidation invalidation)
    {
        var call = new Invalidation(invalidation, isInherited: false);
        for (int i = 0; i < invalidation.HitCount; i++)
        {
            ref Hit hit = ref invalidation.HitAt(i);
            if (hit.SecondStep.ReadRelaxed() is not { } secondStep)
                continue;
            call.Overlap = hit.Overlap;
            RunSecondStep(invalidation, hit.Notifier.ReadRelaxed()!, secondStep, in call);
            hit.Notifier.WriteRelaxed(null);
            hit.SecondStep.Write(null);
            if (invalidation.NeedsAttention)
                TellRemovers(invalidation);
        }

        if (invalidation.NeedsAttention)
            RunInheritedSecondSteps(invalidation);
        invalidation.SecondStepCount = 0;
    }

    private void RunInheritedSecondSteps(ActiveInvalidation invalidation)
    {
        for (int i = 0; ; i++)
        {
            InheritedHit hit;
            using (_lock.Hold())
            {
                if (i >= invalidation.InheritedHits.Count)
                    return;
                hit = invalidation.InheritedHits[i];
            }

            if (hit.SecondStep is not { } secondStep)
                continue;
            RunSecondStep(
                invalidation, hit.Notifier, secondStep, new Invalidation(invalidation, isInherited: true) { Overlap = hit.Overlap });
            using (_lock.Hold())
            {
                hit.Phase = InheritedPhase.Done;
                TellRemoversLocked(invalidation);
            }
        }
    }

    private void RunSecondStep(ActiveInvalidation invalidation, IntervalNotifier notifier, ISecondStep secondStep, in Invalidation call)
    {
        try
        {
            using (CallFrame.Enter(notifier, CallKind.SecondStep, call.IsBlockable))
                secondStep.Finish(in call);
        }
        catch (Exception exception)
        {
            NoteFailure(invalidation, notifier, exception);
        }
    }

    /// <summary>A callback refused: those that are due are called off, and nobody inherits from this invalidation any more.</summary>
    private void Refuse(ActiveInvalidation invalidation)
    {
        for (int i = 0; i < invalidation.HitCount; i++)
        {
            if (invalidation.HitAt(i).SecondStep.ReadRelaxed() is null)
                invalidation.HitAt(i).Notifier.WriteRelaxed(null);
        }

        invalidation.Cursor = invalidation.HitCount;
        if (!invalidation.NeedsAttention)
            return;
        using (_lock.Hold())
        {
            TellRemoversLocked(invalidation);
            DropPendingInheritedHits(invalidation);
        }
    }

    private void DropPendingInheritedHits(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        foreach (InheritedHit hit in invalidation.InheritedHits)
        {
            if (hit.Phase == InheritedPhase.Pending)
                hit.Phase = InheritedPhase.Done;
        }
    }

    /// <summary>The end of a walk to which something was added.</summary>
    private void Leave(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
        {
            TellRemoversLocked(invalidation);
            Debug.Assert(invalidation.AwaitedHits.Count == 0, "A walk leaves no callback behind.");
            invalidation.InheritedHits.Clear();
            invalidation.NeedsAttention = false;
        }
    }

    private void TellRemovers(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
            TellRemoversLocked(invalidation);
    }

    /// <summary>Removals go on that waited for calls which have finished.</summary>
    private void TellRemoversLocked(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        List<AwaitedHit> awaited = invalidation.AwaitedHits;
        for (int i = awaited.Count - 1; i >= 0; i--)
        {
            AwaitedHit hit = awaited[i];
            if (!invalidation.HasFinished(hit))
                continue;
            awaited.RemoveAt(i);
            hit.Notifier.AwaitedHitCount--;
            CompleteRemovalIfQuiet(hit.Notifier);
        }
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
                intervalNotifier.MarkFailed();
                WakeReaders(intervalNotifier);
            }
        }

        RaiseCallbackFailed(notifier, exception);
    }
}
