namespace MmuNotifier;

/// <content>Read sections that cannot begin without a look at the active invalidations.</content>
public sealed partial class AddressSpace
{
    internal ReadSection ReadBeginNoWait(IntervalNotifier notifier, in ReadRequest request)
    {
        _readers.Look(notifier, request, out ReadLook look);
        if (!look.NeedsLock)
            return look.Section;
        using (_lock.Hold())
            _readers.Look(notifier, request, out look);
        return look.Section;
    }

    internal ReadSection ReadBegin(IntervalNotifier notifier, in ReadRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            _readers.Look(notifier, request, out ReadLook look);
            if (!look.NeedsLock && !look.IsBlocked)
                return look.Section;
            RequireNoOwnScope(notifier, request, cancellationToken);
            BlockingWaiter waiter = BlockingWaiter.ForThisThread();
            if (_readers.TryQueue(notifier, request, waiter, out ReadSection section))
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
            WaitOrWithdraw(waiter, ref notifier.ReadWaiters, WaitKind.ReadSection, cancellationToken);
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
            _readers.Look(notifier, request, out ReadLook look);
            if (!look.NeedsLock && !look.IsBlocked)
                return look.Section;
            var waiter = new AsyncWaiter();
            if (_readers.TryQueue(notifier, request, waiter, out ReadSection section))
            {
                Task<ReadSection> wait = waiter.WaitAsync(w => Withdraw(w, ref notifier.ReadWaiters), cancellationToken);
                section = await Metrics.Time(wait, WaitKind.ReadSection).ConfigureAwait(false);
            }

            if (section.Status != ReadStatus.Invalidating)
                return section;
        }
    }
}
