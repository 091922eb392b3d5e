using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// The whole-space notifiers of an address space, and the pairs of start and end that they are owed: which there are and in which phase.
/// The calls themselves are made by <see cref="AddressSpace"/>, under no lock.
/// </summary>
/// <remarks>All fields are guarded by the engine lock.</remarks>
internal sealed class WholeSpacePairs(EngineLock engineLock, UnreleasedRemovals removals)
{
    private const int FewSpares = 64;

    /// <summary>In the order of their insertion.</summary>
    private readonly LinkedList<WholeSpaceNotifier> _notifiers = [];
    private readonly Stack<WholeSpaceHit> _spares = [];

    /// <summary>How many pairs are in the list of an invalidation.</summary>
    private int _listedCount;

    /// <summary>Also without the lock: a start that reads an old value finds that the version has moved.</summary>
    public bool HasNotifiers { get; private set; }

    /// <summary>Inside an edit: from now on starts make pairs for a notifier.</summary>
    public void Insert(LinkedListNode<WholeSpaceNotifier> registration)
    {
        engineLock.AssertHeld();
        _notifiers.AddLast(registration);
        registration.Value.Registration = registration;
        HasNotifiers = true;
    }

    /// <summary>Inside an edit: the opposite of <see cref="Insert"/>.</summary>
    public void Remove(WholeSpaceNotifier notifier)
    {
        engineLock.AssertHeld();
        _notifiers.Remove(notifier.Registration!);
        notifier.Registration = null;
        HasNotifiers = _notifiers.Count > 0;
    }

    /// <summary>
    /// Makes the pairs of an invalidation that starts under the lock. If an insertion beside it has made a pair already, because it found
    /// the invalidation published before this start took the lock, then the inserting thread keeps delivering that pair.
    /// </summary>
    public void AddAll(ActiveInvalidation invalidation)
    {
        engineLock.AssertHeld();
        int registered = invalidation.WholeSpaceHitCount;
        foreach (WholeSpaceNotifier notifier in _notifiers)
        {
            bool isRegistrations = false;
            for (int i = 0; i < registered; i++)
                isRegistrations |= ReferenceEquals(invalidation.WholeSpaceHits[i].Notifier, notifier);
            if (!isRegistrations)
                Add(invalidation, notifier, WholeSpacePhase.Pending);
        }

        invalidation.OrderedWholeSpaceCount = invalidation.WholeSpaceHitCount;
        if (invalidation.OrderedWholeSpaceCount > 0)
            invalidation.TryRequireLock(invalidation.State.Generation);
    }

    /// <summary>All that are inserted, each of which is asked for the age of pages: its removal waits for <see cref="EndAging"/>.</summary>
    public List<WholeSpaceNotifier> BeginAging()
    {
        engineLock.AssertHeld();
        var asked = new List<WholeSpaceNotifier>(_notifiers);
        foreach (WholeSpaceNotifier notifier in asked)
            notifier.AgingCalls++;
        return asked;
    }

    /// <summary>It was asked, or need not be.</summary>
    public void EndAging(WholeSpaceNotifier notifier)
    {
        engineLock.AssertHeld();
        notifier.AgingCalls--;
        removals.CompleteIfQuiet(notifier);
    }

    public WholeSpaceHit Add(ActiveInvalidation invalidation, WholeSpaceNotifier notifier, WholeSpacePhase phase)
    {
        engineLock.AssertHeld();
        WholeSpaceHit hit = _spares.TryPop(out WholeSpaceHit? spare) ? spare : new WholeSpaceHit();
        _listedCount++;
        hit.Notifier = notifier;
        hit.Invalidation = invalidation.CallbackArgument.ForWholeSpace(mayBlock: phase == WholeSpacePhase.Starting);
        hit.Phase = phase;
        hit.EndRequested = false;
        invalidation.WholeSpaceHits.Add(hit);
        notifier.AddHit(hit);
        return hit;
    }

    /// <summary>
    /// At the end of an invalidation: keeps in its list the pairs whose ends the caller delivers. What was never started is dropped, what
    /// is another thread's to end is left to that.
    /// </summary>
    public void PrepareEnds(ActiveInvalidation invalidation)
    {
        engineLock.AssertHeld();
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
                    Unlist(hit, isUsedElsewhere: true);
                    break;
                case WholeSpacePhase.Pending:
                    Drop(hit);
                    Unlist(hit, isUsedElsewhere: false);
                    break;
                case WholeSpacePhase.Dropped:
                    Unlist(hit, isUsedElsewhere: false);
                    break;
                default:
                    Debug.Assert(hit.Phase == WholeSpacePhase.HandedOver, "An invalidation ends once.");
                    Unlist(hit, isUsedElsewhere: true);
                    break;
            }
        }

        hits.RemoveRange(kept, hits.Count - kept);
    }

    /// <summary>The end of a pair in an invalidation's list was delivered; the caller takes it out of the list.</summary>
    public void Finish(WholeSpaceHit hit)
    {
        Drop(hit);
        Unlist(hit, isUsedElsewhere: false);
    }

    /// <summary>A notifier was removed: hands over the ends that are still to be delivered, and drops what was not begun.</summary>
    public void Withdraw(WholeSpaceNotifier notifier)
    {
        engineLock.AssertHeld();
        for (int i = notifier.Hits.Count - 1; i >= 0; i--)
        {
            WholeSpaceHit hit = notifier.Hits[i];
            if (hit.Phase == WholeSpacePhase.Started)
                notifier.HandOverEnd(hit);
            else if (hit.Phase == WholeSpacePhase.Pending)
                Forget(hit);
        }

        removals.CompleteIfQuiet(notifier);
    }

    /// <summary>No call of this pair runs or will run.</summary>
    public void Drop(WholeSpaceHit hit)
    {
        WholeSpaceNotifier notifier = hit.Notifier!;
        Forget(hit);
        removals.CompleteIfQuiet(notifier);
    }

    private void Forget(WholeSpaceHit hit)
    {
        engineLock.AssertHeld();
        hit.Phase = WholeSpacePhase.Dropped;
        hit.Notifier!.RemoveHit(hit);
        hit.Notifier = null;
        hit.Invalidation = default;
    }

    /// <summary>A pair leaves its invalidation's list. Pairs are kept for reuse as long as they are few beside those in use.</summary>
    private void Unlist(WholeSpaceHit hit, bool isUsedElsewhere)
    {
        engineLock.AssertHeld();
        _listedCount--;
        if (!isUsedElsewhere)
            _spares.Push(hit);
        while (_spares.Count > _listedCount + FewSpares)
            _spares.Pop();
        if (Room.IsTooMuch(_spares.Capacity, _spares.Count))
            Room.GiveBack(_spares, _spares.Capacity / 2);
    }
}
