using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

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
    /// <remarks>
    /// May be called inside callbacks; not under a lock that a callback takes. Cost: logarithmic in the notifiers, linear in those that it
    /// meets and in the whole-space notifiers; independent of other invalidations.
    /// </remarks>
    /// <exception cref="InvalidationFailedException">
    /// Callbacks threw. Every other callback was called, the invalidation is closed, and the change must not be made.
    /// </exception>
    /// <exception cref="MisuseException">Validation is on, and a callback takes a declared lock that the caller holds.</exception>
    public InvalidationScope StartInvalidation(
        AddressRange range, InvalidationEvent invalidationEvent, object? owner = null, InvalidationOrigin? origin = null)
    {
        RequireMayCall(WaitingCall.StartInvalidation);
        ActiveInvalidation invalidation = Begin(range, InvalidationMode.Blockable(Checked(invalidationEvent)), owner, origin);
        Walk(invalidation);
        NamedStep.Note("all callbacks have returned");
        return OpenOrThrow(invalidation);
    }

    /// <summary>
    /// As <see cref="StartInvalidation"/> where nobody may sleep: either starts for everyone, or fails as a whole and leaves nothing open.
    /// Never waits for user code of another thread.
    /// </summary>
    /// <remarks>Cost: as StartInvalidation.</remarks>
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
    /// <exception cref="MisuseException">Validation is on, and a callback takes a declared lock that the caller holds.</exception>
    public bool TryStartInvalidation(
        AddressRange range,
        InvalidationEvent invalidationEvent,
        out InvalidationScope scope,
        object? owner = null,
        InvalidationOrigin? origin = null)
    {
        RequireMayCall(WaitingCall.TryStartInvalidation);
        ActiveInvalidation invalidation = Begin(range, InvalidationMode.NonBlockable(Checked(invalidationEvent)), owner, origin);
        bool proceeds = Walk(invalidation);
        scope = OpenOrThrow(invalidation);
        if (proceeds)
            return true;
        scope.Dispose();
        scope = default;
        return false;
    }

    /// <summary>
    /// Starts an invalidation that reports a change already made, or one that cannot be stopped: it is never refused, and throws for
    /// misuse only.
    /// A notifier whose callback throws is marked failed (its sections retry until it is removed) and
    /// <see cref="CallbackFailed"/> is raised; the others are called all the same.
    /// </summary>
    /// <remarks>Cost: as StartInvalidation.</remarks>
    /// <param name="range">What has changed, in bytes, bounds inclusive.</param>
    /// <param name="invalidationEvent">Why.</param>
    /// <param name="owner">Who asked for a migration or exclusive access, so that it is not called back.</param>
    /// <param name="origin">The read section that causes the invalidation, so that it does not retry for it.</param>
    /// <returns>The scope to dispose when the change is complete.</returns>
    /// <exception cref="MisuseException">Validation is on, and a callback takes a declared lock that the caller holds.</exception>
    public InvalidationScope ReportInvalidation(
        AddressRange range, InvalidationEvent invalidationEvent, object? owner = null, InvalidationOrigin? origin = null)
    {
        RequireMayCall(WaitingCall.ReportInvalidation);
        ActiveInvalidation invalidation = Begin(range, InvalidationMode.Report(Checked(invalidationEvent)), owner, origin);
        Walk(invalidation);
        return new InvalidationScope(invalidation);
    }

    /// <summary>
    /// Reports a change that is complete: <see cref="ReportInvalidation"/>, ended at once. When it returns, all callbacks have returned,
    /// and every read section that was open on the range retries.
    /// </summary>
    /// <param name="range">What has changed, in bytes, bounds inclusive.</param>
    /// <param name="invalidationEvent">Why.</param>
    /// <param name="owner">Who asked for a migration or exclusive access, so that it is not called back.</param>
    /// <param name="origin">The read section that causes the invalidation, so that it does not retry for it.</param>
    /// <exception cref="MisuseException">Validation is on, and a callback takes a declared lock that the caller holds.</exception>
    public void Invalidate(
        AddressRange range, InvalidationEvent invalidationEvent, object? owner = null, InvalidationOrigin? origin = null) =>
        ReportInvalidation(range, invalidationEvent, owner, origin).Dispose();

    internal static void EndInvalidation(ActiveInvalidation invalidation, long generation)
    {
        while (true)
        {
            ActiveState state = invalidation.State;
            if (!state.IsActive || state.Generation != generation)
                return;
            if (state.EndsInSteps)
            {
                EndInSteps(invalidation, generation);
                return;
            }

            if (invalidation.TryStep(state, state.AsIdle))
            {
                NamedStep.Note($"invalidation of {invalidation.Range} ends");
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndInSteps(ActiveInvalidation invalidation, long generation)
    {
        while (true)
        {
            ActiveState state = invalidation.State;
            if (!state.IsActive || state.Generation != generation)
                return;
            if (state.NeedsLock)
            {
                invalidation.Space.EndUnderLock(invalidation, generation);
                return;
            }

            if (invalidation.TryStep(state, state.AsEnding))
            {
                NamedStep.Note($"invalidation of {invalidation.Range} ends");
                if (!invalidation.TryBecomeIdle())
                    invalidation.Space.BecomeIdleUnderLock(invalidation);
                return;
            }
        }
    }

    private void BecomeIdleUnderLock(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
            invalidation.BecomeIdle();
    }

    private void EndUnderLock(ActiveInvalidation invalidation, long generation)
    {
        using (_lock.Hold())
        {
            ActiveState state = invalidation.State;
            if (state.Generation != generation || !state.IsActive)
                return;
            // Only readers, registrations and the owner's pool change an active state, and they hold the lock.
            bool ended = invalidation.TryStep(state, state.AsEnding);
            Debug.Assert(ended, "The state of an invalidation that needs the lock changes under it only.");
            _readers.ServeBlockedBy(invalidation);
            _pairs.PrepareEnds(invalidation);
            if (invalidation.WholeSpaceHitCount == 0)
            {
                NamedStep.Note($"invalidation of {invalidation.Range} ends");
                invalidation.BecomeIdle();
                return;
            }
        }

        DeliverEnds(invalidation);
        NamedStep.Note($"invalidation of {invalidation.Range} ends");
        BecomeIdleUnderLock(invalidation);
    }

    private ActiveInvalidation Begin(AddressRange range, InvalidationMode mode, object? owner, InvalidationOrigin? origin)
    {
        NamedStep.Note($"invalidation ({mode.Event}) of {range} starts");
        ActiveInvalidation invalidation = Active.Take();
        invalidation.Reset(range, mode, owner, origin);
        if (!TryBegin(invalidation, range))
            BeginUnderLock(invalidation);
        return invalidation;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static InvalidationEvent Checked(InvalidationEvent invalidationEvent)
    {
        if (invalidationEvent is > InvalidationEvent.Exclusive or < 0 or InvalidationEvent.Release)
            RejectEvent(invalidationEvent);
        return invalidationEvent;
    }

    [DoesNotReturn]
    private static void RejectEvent(InvalidationEvent invalidationEvent) => throw (invalidationEvent == InvalidationEvent.Release
        ? new ArgumentException("Release is sent by Exit only; call that.", nameof(invalidationEvent))
        : new ArgumentOutOfRangeException(nameof(invalidationEvent), invalidationEvent, "Not an invalidation event."));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginUnderLock(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
            BeginLocked(invalidation);
    }

    /// <summary>
    /// The linearisation point of a start, without the lock: the second read of the tree's version fixes which notifiers are called, in
    /// which order, and over which overlap. Publishing comes before that, so an edit either moves the version in time or finds the hits.
    /// </summary>
    /// <returns>False if there was an edit meanwhile. Then it may be published already: active, with hits that do not count.</returns>
    private bool TryBegin(ActiveInvalidation invalidation, AddressRange range)
    {
        if (!_version.TryRead(out long version) || _pairs.HasNotifiers)
            return false;
        if (!TryGather(invalidation, range))
            return false;
        invalidation.Publish();
        if (!_version.IsStill(version))
            return false;
        Collide(invalidation);
        return true;
    }

    /// <summary>The same under the lock: no edit comes in between.</summary>
    private void BeginLocked(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        invalidation.DropLeaves();
        invalidation.InheritedHits.Clear(); // From hits that did not count; the heirs are met now.
        bool isComplete = TryGather(invalidation, invalidation.Range);
        Debug.Assert(isComplete, "Under the lock the tree is as it should be.");
        if (!invalidation.State.IsActive)
            invalidation.Publish();
        _pairs.AddAll(invalidation);
        Collide(invalidation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryGather(ActiveInvalidation invalidation, AddressRange range)
    {
        var gatherer = new LeafGatherer(invalidation);
        bool isComplete = _tree.Visit(range, ref gatherer);
        invalidation.LeafCount = gatherer.Count;
        return isComplete;
    }

    /// <summary>
    /// Closes every notifier that was met to new sections, before the first callback. A removal may take hits away meanwhile.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Collide(ActiveInvalidation invalidation)
    {
        for (int i = 0; i < invalidation.LeafCount; i++)
        {
            ref LeafHits hits = ref invalidation.LeafAt(i);
            LeafNode leaf = hits.Leaf.ReadRelaxed()!;
            for (uint owed = hits.Owed; owed != 0; owed &= owed - 1)
            {
                if (leaf.Notifiers[BitOperations.TrailingZeroCount(owed)] is { MustBump: true } notifier)
                    notifier.BumpFor(invalidation);
            }
        }
    }

    private static InvalidationScope OpenOrThrow(ActiveInvalidation invalidation)
    {
        if (invalidation.Exceptions is not null)
            CloseAndThrow(invalidation);
        return new InvalidationScope(invalidation);
    }

    [DoesNotReturn]
    private static void CloseAndThrow(ActiveInvalidation invalidation)
    {
        List<Exception> exceptions = invalidation.Exceptions!;
        invalidation.Exceptions = null;
        AddressRange range = invalidation.Range;
        new InvalidationScope(invalidation).Dispose();
        throw new InvalidationFailedException(range, exceptions);
    }
}
