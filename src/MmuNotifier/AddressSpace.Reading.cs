namespace MmuNotifier;

/// <content>Read sections that cannot begin without a look at the active invalidations.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// How often a slow reader looks again when starts that are over by then came in between. Each time is a collision, so it may as well
    /// report one.
    /// </summary>
    private const int LooksLimit = 64;

    internal ReadSection ReadBeginNoWait(IntervalNotifier notifier, in ReadRequest request) =>
        TryOpen(notifier, request, out ReadSection section, out _, out _) ? section : OpenUnderLock(notifier, request);

    internal ReadSection ReadBegin(IntervalNotifier notifier, in ReadRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(notifier, request, out ReadSection section, out _, out _) && section.Status != ReadStatus.Invalidating)
                return section;
            RequireNoOwnScope(notifier, request, cancellationToken);
            BlockingWaiter waiter = BlockingWaiter.ForThisThread();
            if (!TryQueue(notifier, request, waiter, ref section))
                section = Wait(waiter, notifier, cancellationToken);
            if (section.Status != ReadStatus.Invalidating)
                return section;
        }
    }

    /// <summary>The waiter stays with its thread; the section, which knows the notifier, does not.</summary>
    private ReadSection Wait(BlockingWaiter waiter, IntervalNotifier notifier, CancellationToken cancellationToken)
    {
        NamedStep.Note("read section waits for the end of an invalidation");
        try
        {
            WaitOrWithdraw(waiter, ref notifier.ReadWaiters, cancellationToken);
            return waiter.Section;
        }
        finally
        {
            waiter.Forget();
        }
    }

    internal async ValueTask<ReadSection> ReadBeginAsync(
        IntervalNotifier notifier, ReadRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(notifier, request, out ReadSection section, out _, out _) && section.Status != ReadStatus.Invalidating)
                return section;
            var waiter = new AsyncWaiter();
            if (!TryQueue(notifier, request, waiter, ref section))
                section = await waiter.WaitAsync(w => Withdraw(w, ref notifier.ReadWaiters), cancellationToken).ConfigureAwait(false);
            if (section.Status != ReadStatus.Invalidating)
                return section;
        }
    }

    private ReadSection OpenUnderLock(IntervalNotifier notifier, in ReadRequest request)
    {
        using (_lock.Hold())
        {
            TryOpen(notifier, request, out ReadSection section, out _, out _);
            return section;
        }
    }

    /// <summary>The section that a reader gets as things stand; without the lock, or under it.</summary>
    /// <param name="notifier">The notifier to read through.</param>
    /// <param name="request">What the section is to be over.</param>
    /// <param name="section">The section, or why there is none.</param>
    /// <param name="blocking">The invalidation that it collides with, if one is known.</param>
    /// <param name="generation">Which use of that object.</param>
    /// <returns>False if only a holder of the lock can say, because an edit may be under way.</returns>
    private bool TryOpen(
        IntervalNotifier notifier, in ReadRequest request, out ReadSection section, out ActiveInvalidation? blocking, out long generation)
    {
        blocking = null;
        generation = 0;
        for (int looks = 0; looks < LooksLimit; looks++)
        {
            NotifierWord word = notifier.Observe(request.Part is not null);
            if (word.IsShut || word.IsInEdit)
            {
                section = new ReadSection(ReasonToStayShut(word));
                return word.IsShut;
            }

            if (!notifier.TryReadRange(out AddressRange range))
                continue;
            if (request.Part is { } part && !range.Contains(part))
            {
                section = new ReadSection(ReadStatus.OutOfRange);
                return notifier.TryConfirm(word, opens: false);
            }

            blocking = FindActive(range, originSection: 0, out generation);
            bool opens = blocking is null;
            if (blocking is not null && request.Part is { } needed)
                blocking = FindActive(needed, request.OriginSection, out generation);
            if (blocking is not null)
                break;
            if (notifier.TryConfirm(word, opens))
            {
                section = request.Open(notifier, word.Sequence);
                return true;
            }
        }

        section = new ReadSection(ReadStatus.Invalidating);
        return true;
    }

    private static ReadStatus ReasonToStayShut(NotifierWord word) => word switch
    {
        { IsRemoved: true } => ReadStatus.Removed,
        { IsExited: true } => ReadStatus.Exited,
        { IsFailed: true } => ReadStatus.Failed,
        _ => ReadStatus.None,
    };
}
