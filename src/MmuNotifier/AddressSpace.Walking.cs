using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>The walk: an invalidation's callbacks, on the thread that starts it, under no lock of the engine.</content>
public sealed partial class AddressSpace
{
    /// <returns>False if a callback refused.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Walk(ActiveInvalidation invalidation) => Metrics.IsHeard ? WalkMeasured(invalidation) : WalkUnmeasured(invalidation);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool WalkMeasured(ActiveInvalidation invalidation)
    {
        long begun = Stopwatch.GetTimestamp();
        bool proceeds = WalkUnmeasured(invalidation);
        Metrics.NoteInvalidation(in invalidation.CallbackArgument, begun);
        return proceeds;
    }

    private bool WalkUnmeasured(ActiveInvalidation invalidation)
    {
        _lock.AssertNotHeld();
        bool proceeds = invalidation.LeafCount == 0 || RunHits(invalidation);
        return invalidation.OrderedWholeSpaceCount == 0 && invalidation.SecondStepCount == 0 && invalidation.Attention == Attention.None
            ? proceeds
            : FinishWalk(invalidation, proceeds);
    }

    /// <summary>The parts of a walk that most walks have nothing of: inherited calls, whole-space notifiers, second steps.</summary>
    private bool FinishWalk(ActiveInvalidation invalidation, bool proceeds)
    {
        if (invalidation.Attention != Attention.None)
        {
            proceeds = proceeds && RunInheritedHits(invalidation);
            if (!proceeds)
                DropPendingInheritedHits(invalidation);
        }

        if (invalidation.OrderedWholeSpaceCount > 0)
            proceeds = proceeds && DeliverStarts(invalidation, invalidation.OrderedWholeSpaceCount);
        if (invalidation.SecondStepCount > 0)
            RunSecondSteps(invalidation);
        if (invalidation.Attention != Attention.None)
        {
            RunInheritedSecondSteps(invalidation);
            Leave(invalidation);
        }

        return proceeds;
    }

    /// <remarks>The loop is apart from the handler, so that a hit costs little more than its call.</remarks>
    private bool RunHits(ActiveInvalidation invalidation)
    {
        bool proceeds;
        int position = 0;
        while (true)
        {
            try
            {
                proceeds = RunHitsFrom(invalidation, position);
                break;
            }
            catch (Exception exception)
            {
                position = invalidation.Cursor;
                NoteFailure(invalidation, invalidation.NotifierAt(position), exception);
                position++;
            }
        }

        invalidation.Cursor = ActiveInvalidation.PastAllHits;
        if (invalidation.SecondStepCount == 0)
            invalidation.DropLeaves(); // Else a removal still looks there for the call whose second step is due.
        if (invalidation.HasAwaitedCalls)
            NotifyRemovers(invalidation);
        return proceeds;
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
            ref Invalidation call = ref invalidation.CallbackArgument;
            call.SetOverlap(leaf.Starts[entry], leaf.Lasts[entry]);
            InvalidateResult result = CallInvalidate(notifier, in call);
            if (result != InvalidateResult.Done && !TakeAnswer(invalidation, notifier, result))
                return false;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static InvalidateResult CallInvalidate(IntervalNotifier notifier, in Invalidation call)
    {
        NamedStep.Note($"callback: {call.Event} of {call.Overlap}");
        return MisuseValidation.IsEnabled ? CallInvalidateInFrame(notifier, in call) : notifier.Invalidate(in call);
    }

    private static InvalidateResult CallInvalidateInFrame(IntervalNotifier notifier, in Invalidation call)
    {
        using (CallFrame.Enter(notifier, CallKind.Callback, call.IsBlockable))
            return notifier.Invalidate(in call);
    }

    /// <summary>The call before has returned; if a remover waits for it, it need not wait for the rest of the walk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveCursor(ActiveInvalidation invalidation, int position)
    {
        invalidation.Cursor = position;
        if (invalidation.HasAwaitedCalls)
            invalidation.Space.NotifyRemovers(invalidation);
    }

    /// <returns>False if the callback refused and may.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakeAnswer(ActiveInvalidation invalidation, IntervalNotifier notifier, InvalidateResult answer)
    {
        if (answer.SecondStep is { } step)
        {
            invalidation.AddSecondStep(step, notifier, invalidation.CallbackArgument.Overlap, invalidation.Cursor);
            return true;
        }

        return MayRefuse(invalidation, notifier);
    }

    private static bool MayRefuse(ActiveInvalidation invalidation, IntervalNotifier notifier) => !invalidation.Mode.IsBlockable
        ? false
        : throw new InvalidOperationException(
            $"{notifier.TypeName} answered WouldBlock to a blockable invalidation of {invalidation.Range}.");

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
                if (invalidation.SkipsCallbackOf(hit.Notifier))
                {
                    hit.CallOff();
                    continue;
                }

                hit.Begin();
            }

            if (!RunInheritedHit(invalidation, hit))
                return false;
        }
    }

    private bool RunInheritedHit(ActiveInvalidation invalidation, InheritedHit hit)
    {
        bool proceeds = true;
        ISecondStep? secondStep = null;
        try
        {
            InvalidateResult result = CallInvalidate(hit.Notifier, invalidation.CallbackArgument.For(hit.Overlap, isInherited: true));
            secondStep = result.SecondStep;
            proceeds = secondStep is not null || result == InvalidateResult.Done || MayRefuse(invalidation, hit.Notifier);
        }
        catch (Exception exception)
        {
            NoteFailure(invalidation, hit.Notifier, exception);
        }

        using (_lock.Hold())
        {
            hit.Return(secondStep);
            NotifyRemover(hit);
            NotifyRemoversLocked(invalidation);
        }

        return proceeds;
    }

    private void RunSecondSteps(ActiveInvalidation invalidation)
    {
        for (int i = 0; i < invalidation.SecondStepCount; i++)
        {
            ref SecondStep second = ref invalidation.SecondStepAt(i);
            RunSecondStep(
                invalidation,
                second.Notifier!,
                second.Step.ReadRelaxed()!,
                invalidation.CallbackArgument.For(second.Overlap, isInherited: false));
            second.Step.Write(null);
            if (invalidation.HasAwaitedCalls)
                NotifyRemovers(invalidation, ref second);
        }

        invalidation.DropSecondSteps();
        invalidation.DropLeaves();
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
            RunSecondStep(invalidation, hit.Notifier, secondStep, invalidation.CallbackArgument.For(hit.Overlap, isInherited: true));
            using (_lock.Hold())
            {
                hit.Finish();
                NotifyRemover(hit);
                NotifyRemoversLocked(invalidation);
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
            for (int i = 0; i < invalidation.InheritedHits.Count; i++)
            {
                InheritedHit hit = invalidation.InheritedHits[i];
                if (hit.Phase == InheritedPhase.Pending)
                    hit.CallOff();
            }
        }
    }

    /// <summary>The end of a walk to which something was added.</summary>
    private void Leave(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
        {
            NotifyRemoversLocked(invalidation);
            Debug.Assert(!invalidation.IsAwaited, "A walk leaves no callback behind.");
            invalidation.InheritedHits.Clear();
            invalidation.ForgetAttention();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void NotifyRemovers(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
            NotifyRemoversLocked(invalidation);
    }

    /// <summary>After a second step.</summary>
    private void NotifyRemovers(ActiveInvalidation invalidation, ref SecondStep second)
    {
        using (_lock.Hold())
        {
            if (second.IsAwaited)
            {
                invalidation.AwaitedStepCount--;
                _removals.NoteFinishedCall(second.Notifier!);
            }

            NotifyRemoversLocked(invalidation);
        }
    }

    /// <summary>
    /// Removals that waited for finished calls continue; those whose call has a second step wait for that. So each is looked at
    /// twice at most, and the walk asked no longer when nobody waits.
    /// </summary>
    private void NotifyRemoversLocked(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        List<AwaitedCall> calls = invalidation.AwaitedCalls;
        for (int i = calls.Count - 1; i >= 0; i--)
        {
            StepCount.Add();
            AwaitedCall call = calls[i];
            if (invalidation.Cursor <= call.Position)
                continue;
            calls[i] = calls[^1];
            calls.RemoveAt(calls.Count - 1);
            if (!invalidation.TryAwaitSecondStep(call.Position))
                _removals.NoteFinishedCall(call.Notifier);
        }

        if (calls.Count == 0 && invalidation.AwaitedStepCount == 0)
            invalidation.ForgetAttention(Attention.Removals);
        if (Room.IsTooMuch(calls.Capacity, calls.Count))
            Room.GiveBack(calls, calls.Count);
    }

    private void NotifyRemover(InheritedHit hit)
    {
        if (hit.IsAwaited && hit.Phase == InheritedPhase.Done)
            _removals.NoteFinishedCall(hit.Notifier);
    }

    /// <summary>
    /// A start that can refuse will throw; one that reports a change fails the notifier and proceeds (docs/contract.md, item 16).
    /// </summary>
    private void NoteFailure(ActiveInvalidation invalidation, Notifier notifier, Exception exception)
    {
        if (!invalidation.Mode.IsReport)
        {
            (invalidation.Exceptions ??= []).Add(exception);
            return;
        }

        if (notifier is IntervalNotifier intervalNotifier)
        {
            using (_lock.Hold())
            {
                intervalNotifier.MarkFailed();
                _readers.Wake(intervalNotifier);
            }
        }

        RaiseCallbackFailed(notifier, exception);
    }
}
