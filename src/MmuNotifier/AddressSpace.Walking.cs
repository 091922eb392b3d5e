using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>The walk: an invalidation's callbacks, on the thread that starts it, under no lock of the engine.</content>
public sealed partial class AddressSpace
{
    /// <returns>False if a callback refused.</returns>
    private bool Walk(ActiveInvalidation invalidation)
    {
        _lock.AssertNotHeld();
        bool goesOn = invalidation.LeafCount == 0 || RunHits(invalidation);
        return invalidation.OrderedWholeSpaceCount == 0 && invalidation.SecondStepCount == 0 && !invalidation.NeedsAttention
            ? goesOn
            : GoOnWalking(invalidation, goesOn);
    }

    /// <summary>What most walks have nothing of.</summary>
    private bool GoOnWalking(ActiveInvalidation invalidation, bool goesOn)
    {
        if (invalidation.NeedsAttention)
        {
            goesOn = goesOn && RunInheritedHits(invalidation);
            if (!goesOn)
                DropPendingInheritedHits(invalidation);
        }

        if (invalidation.OrderedWholeSpaceCount > 0)
            goesOn = goesOn && DeliverStarts(invalidation, invalidation.OrderedWholeSpaceCount);
        if (invalidation.SecondStepCount > 0 && (goesOn || !Seeded.Has(SeededDefect.RefusalDropsSecondSteps)))
            RunSecondSteps(invalidation);
        if (invalidation.NeedsAttention)
        {
            RunInheritedSecondSteps(invalidation);
            Leave(invalidation);
        }

        return goesOn;
    }

    /// <remarks>The loop is apart from the handler, so that a hit costs little more than its call.</remarks>
    private bool RunHits(ActiveInvalidation invalidation)
    {
        bool goesOn;
        int position = 0;
        while (true)
        {
            try
            {
                goesOn = RunHitsFrom(invalidation, position);
                break;
            }
            catch (Exception exception)
            {
                position = invalidation.Cursor;
                NoteFailure(invalidation, invalidation.NotifierAt(position), exception);
                position++;
            }
        }

        if (Seeded.Has(SeededDefect.WordsClosedAfterCallbacks))
            CollideNow(invalidation);
        invalidation.Cursor = ActiveInvalidation.PastAllHits;
        invalidation.DropLeaves();
        if (invalidation.NeedsAttention)
            TellRemovers(invalidation);
        return goesOn;
    }

    private static bool RunHitsFrom(ActiveInvalidation invalidation, int position)
    {
        uint passed = ~(uint.MaxValue << (position % IntervalTreeNode.Capacity));
        for (int i = position / IntervalTreeNode.Capacity; i < invalidation.LeafCount; i++)
        {
            if (!RunLeafHits(invalidation, i, invalidation.LeafAt(i).Owed & ~passed))
                return false;
            passed = 0;
        }

        return true;
    }

    /// <remarks>What lives across the call of a callback is kept to what fits into registers.</remarks>
    private static bool RunLeafHits(ActiveInvalidation invalidation, int leafIndex, uint left)
    {
        ref LeafHits hits = ref invalidation.LeafAt(leafIndex);
        LeafNode leaf = hits.Leaf.ReadRelaxed()!;
        for (; left != 0; left &= left - 1)
        {
            int entry = BitOperations.TrailingZeroCount(left);
            MoveCursor(invalidation, (leafIndex * IntervalTreeNode.Capacity) + entry);

            // Not owed any more: removed before its turn; plain removal gives coverage up. Read after the cursor was written.
            IntervalNotifier notifier = leaf.NotifierAt(entry);
            if ((hits.Owed & (1u << entry)) == 0 || invalidation.SkipsCallbackOf(notifier))
                continue;
            ref Invalidation call = ref invalidation.Call;
            call.SetOverlap(leaf.Starts[entry], leaf.Lasts[entry]);
            InvalidateResult result = CallInvalidate(notifier, in call);
            if (result != InvalidateResult.Done && !TakeAnswer(invalidation, notifier, result))
                return false;
        }

        return true;
    }

    /// <summary>The call before has returned; if a remover waits for it, it need not wait for the rest of the walk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveCursor(ActiveInvalidation invalidation, int position)
    {
        invalidation.Cursor = position;
        if (invalidation.NeedsAttention)
            invalidation.Space.TellRemovers(invalidation);
    }

    /// <returns>False if the callback refused and may.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakeAnswer(ActiveInvalidation invalidation, IntervalNotifier notifier, InvalidateResult answer)
    {
        if (answer.SecondStep is { } step)
        {
            invalidation.AddSecondStep(step, notifier, invalidation.Call.Overlap, invalidation.Cursor);
            return true;
        }

        return MayRefuse(invalidation, notifier);
    }

    private static bool MayRefuse(ActiveInvalidation invalidation, IntervalNotifier notifier) => !invalidation.Terms.IsBlockable
        ? false
        : throw new InvalidOperationException($"{notifier.TypeName} answered WouldBlock to a blockable invalidation of {invalidation.Range}.");

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
        ISecondStep? secondStep = null;
        try
        {
            InvalidateResult result = CallInvalidate(hit.Notifier, invalidation.Call.For(hit.Overlap, isInherited: true));
            secondStep = result.SecondStep;
            goesOn = secondStep is not null || result == InvalidateResult.Done || MayRefuse(invalidation, hit.Notifier);
        }
        catch (Exception exception)
        {
            NoteFailure(invalidation, hit.Notifier, exception);
        }

        using (_lock.Hold())
        {
            hit.SecondStep = secondStep;
            hit.Phase = secondStep is null ? InheritedPhase.Done : InheritedPhase.SecondStepTaken;
            TellRemoversLocked(invalidation);
        }

        return goesOn;
    }

    private void RunSecondSteps(ActiveInvalidation invalidation)
    {
        for (int i = 0; i < invalidation.SecondStepCount; i++)
        {
            ref SecondStep second = ref invalidation.SecondStepAt(i);
            RunSecondStep(invalidation, second.Notifier.ReadRelaxed()!, second.Step.ReadRelaxed()!, invalidation.Call.For(second.Overlap, isInherited: false));
            second.Step.Write(null);
            if (invalidation.NeedsAttention)
                TellRemovers(invalidation);
        }

        invalidation.DropSecondSteps();
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
            RunSecondStep(invalidation, hit.Notifier, secondStep, invalidation.Call.For(hit.Overlap, isInherited: true));
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

    /// <summary>A callback refused: calls that are due are called off. Nobody inherits any more, because every call has returned.</summary>
    private void DropPendingInheritedHits(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
        {
            foreach (InheritedHit hit in invalidation.InheritedHits)
            {
                if (hit.Phase == InheritedPhase.Pending)
                    hit.Phase = InheritedPhase.Done;
            }
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

    [MethodImpl(MethodImplOptions.NoInlining)]
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
            if (!invalidation.HasFinished(hit) || Seeded.Has(SeededDefect.AwaitedHitNotTold))
                continue;
            awaited.RemoveAt(i);
            hit.Notifier.AwaitedHitCount--;
            CompleteRemovalIfQuiet(hit.Notifier);
        }
    }

    /// <summary>Contract item 16: a start that can refuse will throw; one that reports a change fails the notifier and goes on.</summary>
    private void NoteFailure(ActiveInvalidation invalidation, Notifier notifier, Exception exception)
    {
        if (!invalidation.Terms.IsReport)
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
