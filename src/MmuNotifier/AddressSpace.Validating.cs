using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>Misuse that throws: see <see cref="MisuseValidation"/>.</content>
public sealed partial class AddressSpace
{
    /// <summary>Null where validation is off.</summary>
    internal SpaceDependencies? Dependencies { get; } = MisuseValidation.IsEnabled ? new SpaceDependencies() : null;

    /// <summary>Before a call that waits or starts does anything. Compiled away where validation is off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void RequireMayCall(WaitingCall call)
    {
        if (MisuseValidation.IsEnabled)
            HeldStack.Current.RequireMayCall(this, call);
    }

    /// <summary>
    /// Before a section waits, for nothing but the end: an invalidation that this thread started, and that it waits for, would have to be
    /// ended by another thread. Compiled away where validation is off.
    /// </summary>
    private void RequireNoOwnScope(IntervalNotifier notifier, in ReadRequest request, CancellationToken cancellationToken)
    {
        if (MisuseValidation.IsEnabled
            && !cancellationToken.CanBeCanceled
            && FindOwnScope(request.Part ?? RangeOf(notifier), request.OriginSection) is { } range)
            HeldStack.ThrowOwnScope(range);
    }

    /// <summary>The invalidations of a thread that has ended, which are open still. Only where validation is on.</summary>
    internal IEnumerable<AddressRange> FindOpenScopesOf(InvalidationPool pool)
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            if (ReferenceEquals(active.Pool, pool) && active.State.IsActive)
                yield return active.Range;
        }
    }

    private AddressRange? FindOwnScope(AddressRange read, long originSection)
    {
        int thread = ThreadIndex.Current;
        InvalidationPool?[] pools = _pools;
        InvalidationPool? pool = thread < pools.Length ? pools[thread] : null;
        for (ActiveInvalidation? active = pool is null ? null : _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            ActiveState state = active.State;
            if (!ReferenceEquals(active.Pool, pool) || !state.IsActive)
                continue;
            AddressRange range = active.Range; // Only this thread writes it.
            bool isMet = range.Overlaps(read) && !InvalidationOrigin.Exempts(active.OriginSection, originSection);
            if (isMet && active.State.Generation == state.Generation)
                return range;
        }

        return null;
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
}
