using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <content>Readers that wait for the end of an invalidation.</content>
/// <remarks>
/// <para>
/// The invariant, whenever nobody holds the engine lock: a queued reader is in the queue of its notifier and in the list of one blocker, an
/// invalidation that is active, collides with what the reader asked for, and takes the lock at its end.
/// </para>
/// <para>
/// Why no reader waits for ever: its blocker was found active and marked (<see cref="ActiveInvalidation.TryRequireLock"/>) in one hold of
/// the lock, and nobody takes the mark away. So that use of the object ends in <see cref="EndUnderLock"/> only, in a later hold, which
/// looks after every reader in its list: each gets a section, or another blocker of which the same holds. What else can open the way is an
/// edit of the notifier, and every edit looks after all readers of its notifier in the same hold. A reader that gives up leaves both lists
/// at once.
/// </para>
/// <para>
/// The cost: an end or an edit asks once for each of the different requests, not for each reader, and a reader is in two lists, however
/// many invalidations it collides with.
/// </para>
/// </remarks>
public sealed partial class AddressSpace
{
    /// <summary>Queues a reader at its notifier. False if it is queued; true if it need not wait, with what it gets.</summary>
    private bool TryQueue(IntervalNotifier notifier, in ReadRequest request, Waiter waiter, ref ReadSection section)
    {
        using (_lock.Hold())
        {
            if (!MustWait(notifier, request, out section, out ActiveInvalidation? blocker))
                return true;
            notifier.ReadWaiters.Enqueue(waiter);
            waiter.WaitFor(blocker, notifier, request);
            return false;
        }
    }

    /// <summary>
    /// Whether a reader must wait; then for an active invalidation that will look after it at its end. Else the section that it
    /// gets, or <see cref="ReadStatus.Invalidating"/> after too many collisions with invalidations that are over: then it tries again.
    /// </summary>
    private bool MustWait(
        IntervalNotifier notifier, in ReadRequest request, out ReadSection section, [NotNullWhen(true)] out ActiveInvalidation? blocker)
    {
        _lock.AssertHeld();
        section = default;
        blocker = null;
        for (int looks = 0; looks < LooksLimit; looks++)
        {
            TryOpen(notifier, request, out section, out blocker, out long generation);
            if (section.Status != ReadStatus.Invalidating)
                return false;
            if (blocker is not null && blocker.TryRequireLock(generation))
                return true;
        }

        return false;
    }

    /// <summary>At the end of an invalidation, which is not active any more: its readers continue, or wait for another one.</summary>
    private void ServeBlockedReaders(ActiveInvalidation ended)
    {
        _lock.AssertHeld();
        var answer = new ReadAnswer(this);
        while (ended.BlockedReaders.First is { } waiter)
            LookAfter(waiter, ref answer);
    }

    /// <summary>After an edit, which perhaps moved the notifier away from what its readers wait for.</summary>
    private void WakeReaders(IntervalNotifier notifier)
    {
        _lock.AssertHeld();
        if (notifier.ReadWaiters.IsEmpty)
            return;
        var answer = new ReadAnswer(this);
        Waiter? next;
        for (Waiter? waiter = notifier.ReadWaiters.First; waiter is not null; waiter = next)
        {
            next = notifier.ReadWaiters.After(waiter);
            LookAfter(waiter, ref answer);
        }
    }

    /// <remarks>
    /// Under the engine lock, so a reader that is woken has a section in hand that was open then, however soon the next invalidation comes.
    /// </remarks>
    private static void LookAfter(Waiter waiter, ref ReadAnswer answer)
    {
        IntervalNotifier notifier = waiter.Notifier!;
        answer.AskFor(notifier, waiter.Request);
        if (answer.Blocker is { } blocker)
        {
            waiter.WaitFor(blocker, notifier, waiter.Request);
            return;
        }

        waiter.Section = answer.Section;
        notifier.ReadWaiters.Signal(waiter);
    }

    /// <summary>
    /// What a reader gets as things stand. Kept within one hold of the lock for the next reader with the same request: a section that was
    /// open when the first got it is one for the second, and a blocker stays active as long as the lock is held.
    /// </summary>
    private struct ReadAnswer(AddressSpace space)
    {
        private IntervalNotifier? _notifier;
        private ReadRequest _request;
        private ReadSection _section;

        /// <summary>Whom the reader must wait for; null if it has a section.</summary>
        public ActiveInvalidation? Blocker { get; private set; }

        public readonly ReadSection Section => _section;

        public void AskFor(IntervalNotifier notifier, in ReadRequest request)
        {
            if (ReferenceEquals(_notifier, notifier) && _request == request)
                return;
            _notifier = notifier;
            _request = request;
            Blocker = space.MustWait(notifier, request, out _section, out ActiveInvalidation? blocker) ? blocker : null;
        }
    }
}
