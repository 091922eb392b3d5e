namespace MmuNotifier;

/// <content>Read sections that cannot open without a look at the active invalidations.</content>
public sealed partial class AddressSpace
{
    internal ReadSection TryReadBegin(IntervalNotifier notifier, AddressRange? part, InvalidationOrigin? origin)
    {
        using (_lock.Hold())
            return Open(notifier, part, origin);
    }

    internal ReadSection ReadBegin(
        IntervalNotifier notifier, AddressRange? part, InvalidationOrigin? origin, CancellationToken cancellationToken)
    {
        BlockingWaiter waiter = BlockingWaiter.ForThisThread();
        if (TryOpenOrQueue(notifier, part, origin, waiter, out ReadSection section))
            return section;
        WaitOrWithdraw(waiter, ref notifier.ReadWaiters, cancellationToken);
        return waiter.Section;
    }

    internal ValueTask<ReadSection> ReadBeginAsync(
        IntervalNotifier notifier, AddressRange? part, InvalidationOrigin? origin, CancellationToken cancellationToken)
    {
        var waiter = new AsyncWaiter();
        return TryOpenOrQueue(notifier, part, origin, waiter, out ReadSection section)
            ? new ValueTask<ReadSection>(section)
            : new ValueTask<ReadSection>(waiter.WaitAsync(w => Withdraw(w, ref notifier.ReadWaiters), cancellationToken));
    }

    private bool TryOpenOrQueue(
        IntervalNotifier notifier, AddressRange? part, InvalidationOrigin? origin, Waiter waiter, out ReadSection section)
    {
        using (_lock.Hold())
        {
            section = Open(notifier, part, origin);
            if (section.Status != ReadStatus.Invalidating)
                return true;
            waiter.Part = part;
            waiter.Origin = origin;
            notifier.ReadWaiters.Enqueue(waiter);
            return false;
        }
    }

    /// <summary>
    /// The section that a reader gets as things stand. Under the engine lock, so a waiter that is woken has an open section in hand, however
    /// soon the next invalidation comes.
    /// </summary>
    private ReadSection Open(IntervalNotifier notifier, AddressRange? part, InvalidationOrigin? origin)
    {
        _lock.AssertHeld();
        Gate gate = notifier.Gate;
        if (gate.IsRemoved)
            return new ReadSection(ReadStatus.Removed);
        if (gate.IsExited)
            return new ReadSection(ReadStatus.Exited);
        if (gate.IsFailed)
            return new ReadSection(ReadStatus.Failed);
        AddressRange range = part ?? notifier.RangeLocked;
        if (!notifier.RangeLocked.Contains(range))
            return new ReadSection(ReadStatus.OutOfRange);
        if (gate.ActiveCount > 0 && IsInvalidating(range, origin))
            return new ReadSection(ReadStatus.Invalidating);
        int binding = origin?.Bind(notifier) ?? 0;
        return new ReadSection(notifier, notifier.Sequence, origin, binding);
    }

    private bool IsInvalidating(AddressRange range, InvalidationOrigin? origin)
    {
        for (ActiveInvalidation? active = _firstActive; active is not null; active = active.Next)
        {
            bool isOwn = origin is not null && ReferenceEquals(active.Origin, origin);
            if (active.Range.Overlaps(range) && !isOwn)
                return true;
        }

        return false;
    }

    private void WakeReaders(IntervalNotifier notifier)
    {
        _lock.AssertHeld();
        if (notifier.ReadWaiters.IsEmpty)
            return;
        var opened = new SectionOpened(this, notifier);
        notifier.ReadWaiters.SignalWhere(ref opened);
    }

    private readonly struct SectionOpened(AddressSpace space, IntervalNotifier notifier) : IWaiterCondition
    {
        public bool IsMet(Waiter waiter)
        {
            waiter.Section = space.Open(notifier, waiter.Part, waiter.Origin);
            return waiter.Section.Status != ReadStatus.Invalidating;
        }
    }
}
