using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <summary>Readers that cannot begin without a look at the active invalidations, and those that wait for the end of one.</summary>
/// <remarks>
/// <para>
/// No fields of its own: a queued reader is in two lists, that of its notifier and that of its blocker, both guarded by the engine lock.
/// </para>
/// <para>
/// The invariant, whenever nobody holds the engine lock: a queued reader is in the queue of its notifier and in the list of one blocker, an
/// invalidation that is active, collides with what the reader asked for, and takes the lock at its end.
/// </para>
/// <para>
/// Why no reader waits for ever: its blocker was found active and marked (<see cref="ActiveInvalidation.TryRequireLock"/>) in one hold of
/// the lock, and nobody takes the mark away. So that use of the object ends under the lock (<see cref="AddressSpace.EndInvalidation"/>), in
/// a later hold, which looks after every reader in its list: each gets a section, or another blocker of which the same holds. What else can
/// open the way is an edit of the notifier, and every edit looks after all readers of its notifier in the same hold. A reader that gives up
/// leaves both lists at once.
/// </para>
/// <para>
/// The cost: an end or an edit asks once for each of the different requests, not for each reader, and a reader is in two lists, however
/// many invalidations it collides with.
/// </para>
/// </remarks>
internal sealed class WaitingReaders(EngineLock engineLock, ActiveInvalidations active)
{
    /// <summary>
    /// How often a slow reader looks again when starts that are over by then came in between. Each time is a collision, so it may as well
    /// report one.
    /// </summary>
    private const int LooksLimit = 64;

    /// <summary>What a reader gets as things stand; without the lock, or under it.</summary>
    public void Look(IntervalNotifier notifier, in ReadRequest request, out ReadLook look)
    {
        look = default;
        for (int looks = 0; looks < LooksLimit; looks++)
        {
            NotifierWord word = notifier.Observe(request.Part is not null);
            if (word.IsShut || word.IsInEdit)
            {
                look.Section = new ReadSection(ReasonToStayShut(word));
                look.NeedsLock = !word.IsShut;
                return;
            }

            if (!notifier.TryReadRange(out AddressRange range))
                continue;
            if (request.Part is { } part && !range.Contains(part))
            {
                look.Section = new ReadSection(ReadStatus.OutOfRange);
                look.NeedsLock = !notifier.TryConfirm(word, opens: false);
                return;
            }

            look.Blocker = active.Find(range, originSection: 0, out look.Generation);
            bool opens = look.Blocker is null;
            if (look.Blocker is not null && request.Part is { } needed)
                look.Blocker = active.Find(needed, request.OriginSection, out look.Generation);
            if (look.Blocker is not null)
                break;
            if (notifier.TryConfirm(word, opens))
            {
                look.Section = request.Open(notifier, word.Sequence);
                return;
            }
        }

        look.Section = new ReadSection(ReadStatus.Invalidating);
    }

    /// <summary>Queues a reader at its notifier. False if it need not wait, with what it gets.</summary>
    public bool TryQueue(IntervalNotifier notifier, in ReadRequest request, Waiter waiter, out ReadSection section)
    {
        using (engineLock.Hold())
        {
            if (!MustWait(notifier, request, out section, out ActiveInvalidation? blocker))
                return false;
            notifier.ReadWaiters.Enqueue(waiter);
            waiter.WaitFor(blocker, notifier, request);
            return true;
        }
    }

    /// <summary>At the end of an invalidation, which is not active any more: its readers continue, or wait for another one.</summary>
    public void ServeBlockedBy(ActiveInvalidation ended)
    {
        engineLock.AssertHeld();
        var answer = new Answer(this);
        while (ended.BlockedReaders.First is { } waiter)
            LookAfter(waiter, ref answer);
    }

    /// <summary>After an edit, which perhaps moved the notifier away from what its readers wait for.</summary>
    public void Wake(IntervalNotifier notifier)
    {
        engineLock.AssertHeld();
        if (notifier.ReadWaiters.IsEmpty)
            return;
        var answer = new Answer(this);
        Waiter? next;
        for (Waiter? waiter = notifier.ReadWaiters.First; waiter is not null; waiter = next)
        {
            next = notifier.ReadWaiters.After(waiter);
            LookAfter(waiter, ref answer);
        }
    }

    /// <summary>
    /// Whether a reader must wait; then for an active invalidation that will look after it at its end. Else the section that it
    /// gets, or <see cref="ReadStatus.Invalidating"/> after too many collisions with invalidations that are over: then it tries again.
    /// </summary>
    private bool MustWait(
        IntervalNotifier notifier, in ReadRequest request, out ReadSection section, [NotNullWhen(true)] out ActiveInvalidation? blocker)
    {
        engineLock.AssertHeld();
        section = default;
        blocker = null;
        for (int looks = 0; looks < LooksLimit; looks++)
        {
            Look(notifier, request, out ReadLook look);
            section = look.Section;
            blocker = look.Blocker;
            if (!look.IsBlocked)
                return false;
            if (blocker is not null && blocker.TryRequireLock(look.Generation))
                return true;
        }

        return false;
    }

    /// <remarks>
    /// Under the engine lock, so a reader that is woken has a section in hand that was open then, however soon the next invalidation comes.
    /// </remarks>
    private static void LookAfter(Waiter waiter, ref Answer answer)
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

    private static ReadStatus ReasonToStayShut(NotifierWord word) => word switch
    {
        { IsRemoved: true } => ReadStatus.Removed,
        { IsExited: true } => ReadStatus.Exited,
        { IsFailed: true } => ReadStatus.Failed,
        _ => ReadStatus.None,
    };

    /// <summary>
    /// What a reader gets as things stand. Kept within one hold of the lock for the next reader with the same request: a section that was
    /// open when the first got it is one for the second, and a blocker stays active as long as the lock is held.
    /// </summary>
    private struct Answer(WaitingReaders readers)
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
            Blocker = readers.MustWait(notifier, request, out _section, out ActiveInvalidation? blocker) ? blocker : null;
        }
    }
}
