namespace MmuNotifier;

/// <content>Start and end of invalidations.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// Starts an invalidation before the change is made; callbacks may sleep. When it returns, all callbacks have returned and no read
    /// section that meets the range commits before the scope is disposed (<c>mmu_notifier_invalidate_range_start</c>).
    /// </summary>
    /// <param name="range">What is about to change, in bytes, bounds inclusive.</param>
    /// <param name="invalidationEvent">Why.</param>
    /// <param name="owner">Who asked for a migration or exclusive access, so that it is not called back.</param>
    /// <param name="origin">The read section that causes the invalidation, so that it does not retry for it.</param>
    /// <returns>The scope to dispose when the change is made.</returns>
    /// <remarks>May be called inside callbacks; not under a lock that a callback takes.</remarks>
    /// <exception cref="InvalidationFailedException">
    /// Callbacks threw. Every other callback was called, the invalidation is closed, and the change must not be made.
    /// </exception>
    public InvalidationScope StartInvalidation(
        AddressRange range, InvalidationEvent invalidationEvent, object? owner = null, InvalidationOrigin? origin = null)
    {
        ActiveInvalidation invalidation =
            Begin(range, invalidationEvent, new InvalidationTerms(owner, origin, IsBlockable: true, IsReport: false));
        Walk(invalidation);
        return OpenOrThrow(invalidation);
    }

    /// <summary>
    /// As <see cref="StartInvalidation"/> where nobody may sleep: either starts for everyone, or fails as a whole and leaves nothing open.
    /// Never waits for user code of another thread.
    /// </summary>
    /// <param name="range">What is about to change, in bytes, bounds inclusive.</param>
    /// <param name="invalidationEvent">Why.</param>
    /// <param name="scope">The scope to dispose when the change is made; <c>default</c> if it must not be made.</param>
    /// <param name="owner">Who asked for a migration or exclusive access, so that it is not called back.</param>
    /// <param name="origin">The read section that causes the invalidation, so that it does not retry for it.</param>
    /// <returns>
    /// False if a callback would have to block (<c>-EAGAIN</c>). Entries zapped and edits made by the callbacks that ran stay; second steps
    /// that they returned were run; whole-space notifiers that got the start got the end.
    /// </returns>
    /// <exception cref="InvalidationFailedException">Callbacks threw; as in <see cref="StartInvalidation"/>.</exception>
    public bool TryStartInvalidation(
        AddressRange range,
        InvalidationEvent invalidationEvent,
        out InvalidationScope scope,
        object? owner = null,
        InvalidationOrigin? origin = null)
    {
        ActiveInvalidation invalidation =
            Begin(range, invalidationEvent, new InvalidationTerms(owner, origin, IsBlockable: false, IsReport: false));
        Walk(invalidation);
        bool refused = invalidation.IsRefused;
        scope = OpenOrThrow(invalidation);
        if (!refused)
            return true;
        scope.Dispose();
        scope = default;
        return false;
    }

    /// <summary>
    /// Starts an invalidation that reports a change already made, or one that cannot be stopped: it is never refused and never throws.
    /// A notifier whose callback throws is marked failed (its sections retry until it is removed) and
    /// <see cref="CallbackFailed"/> is raised; the others are called all the same.
    /// </summary>
    /// <param name="range">What has changed, in bytes, bounds inclusive.</param>
    /// <param name="invalidationEvent">Why.</param>
    /// <param name="owner">Who asked for a migration or exclusive access, so that it is not called back.</param>
    /// <param name="origin">The read section that causes the invalidation, so that it does not retry for it.</param>
    /// <returns>The scope to dispose when the change is complete.</returns>
    public InvalidationScope ReportInvalidation(
        AddressRange range, InvalidationEvent invalidationEvent, object? owner = null, InvalidationOrigin? origin = null)
    {
        ActiveInvalidation invalidation =
            Begin(range, invalidationEvent, new InvalidationTerms(owner, origin, IsBlockable: true, IsReport: true));
        Walk(invalidation);
        return new InvalidationScope(invalidation);
    }

    internal void EndInvalidation(ActiveInvalidation invalidation, long generation)
    {
        using (_lock.Hold())
        {
            if (invalidation.Generation != generation)
                return;
            Unlist(invalidation);
            var gateLowerer = new GateLowerer(this);
            _tree.Visit(invalidation.Range, ref gateLowerer);
            PrepareEnds(invalidation);
            if (invalidation.WholeSpaceHits.Count == 0)
            {
                Retire(invalidation);
                return;
            }

            // From here on the scope is ended for everybody else, though its pooled object is still in use.
            invalidation.MarkEnding();
        }

        DeliverEnds(invalidation);
        using (_lock.Hold())
            Retire(invalidation);
    }

    /// <summary>The linearisation point of a start: who is called, in which order and over which overlap.</summary>
    private ActiveInvalidation Begin(AddressRange range, InvalidationEvent invalidationEvent, in InvalidationTerms terms)
    {
        if ((uint)invalidationEvent > (uint)InvalidationEvent.Exclusive)
            throw new ArgumentOutOfRangeException(nameof(invalidationEvent), invalidationEvent, "Not an invalidation event.");
        if (invalidationEvent == InvalidationEvent.Release)
            throw new ArgumentException("Release is sent by Exit only; call that.", nameof(invalidationEvent));
        using (_lock.Hold())
            return BeginLocked(range, invalidationEvent, terms);
    }

    private ActiveInvalidation BeginLocked(AddressRange range, InvalidationEvent invalidationEvent, in InvalidationTerms terms)
    {
        _lock.AssertHeld();
        ActiveInvalidation invalidation = Rent();
        invalidation.Reset(range, invalidationEvent, terms);
        List(invalidation);
        var collector = new HitCollector(invalidation);
        _tree.Visit(range, ref collector);
        foreach (WholeSpaceNotifier notifier in _wholeSpaceNotifiers)
            AddWholeSpaceHit(invalidation, notifier, WholeSpacePhase.Pending);
        invalidation.FixOrder();
        return invalidation;
    }

    private static InvalidationScope OpenOrThrow(ActiveInvalidation invalidation)
    {
        var scope = new InvalidationScope(invalidation);
        if (invalidation.Exceptions is not { } exceptions)
            return scope;
        AddressRange range = invalidation.Range;
        scope.Dispose();
        throw new InvalidationFailedException(range, exceptions);
    }

    /// <summary>Notes one hit for a notifier that an invalidation meets at its start.</summary>
    private readonly struct HitCollector(ActiveInvalidation invalidation) : IIntervalVisitor
    {
        public void Visit(IntervalNotifier notifier)
        {
            notifier.Gate = notifier.Gate.Raised;
            invalidation.Origin?.CountBump(notifier);
            notifier.BumpSequence();
            if (!invalidation.SkipsCallbackOf(notifier))
                invalidation.AddHit(notifier, notifier.RangeLocked.Intersect(invalidation.Range), isInherited: false);
        }
    }

    /// <summary>Lets a notifier that an ending invalidation meets go.</summary>
    private readonly struct GateLowerer(AddressSpace space) : IIntervalVisitor
    {
        public void Visit(IntervalNotifier notifier)
        {
            notifier.Gate = notifier.Gate.Lowered;
            space.WakeReaders(notifier);
        }
    }
}
