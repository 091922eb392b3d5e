namespace MmuNotifier;

/// <summary>
/// One call of one interval notifier's callback for one invalidation, from the moment that it is due until its second step is done.
/// </summary>
/// <remarks>
/// <code>
/// Pending ──walker──▶ Running ──▶ Done
///    │                   └──────▶ SecondStepTaken ──▶ Done
///    └──removal──▶ Cancelled
/// </code>
/// The walking thread and a remover race for Pending; both use compare-exchange, so exactly one wins. Every other phase change is the
/// walker's. While a hit is due it is linked into its notifier's list under the engine lock; who unlinks the last hit of a notifier that
/// is being removed completes the removal.
/// </remarks>
internal sealed class Hit(ActiveInvalidation invalidation)
{
    private const int PhaseMask = 0xF;

    /// <summary>A remover waits: the walker unlinks the hit as soon as it is done, not only when it leaves the walk.</summary>
    private const int Awaited = 0x10;

    private int _state;

    public ActiveInvalidation Invalidation { get; } = invalidation;

    public IntervalNotifier? Notifier { get; set; }

    public AddressRange Overlap { get; set; }

    public long Sequence { get; set; }

    public bool IsInherited { get; set; }

    public ISecondStep? SecondStep { get; set; }

    public Hit? PreviousOfNotifier { get; set; }

    public Hit? NextOfNotifier { get; set; }

    public bool IsLinked { get; set; }

    public HitPhase Phase => (HitPhase)(Volatile.Read(ref _state) & PhaseMask);

    /// <summary>Whether the callback has not returned, so that who takes bytes of the notifier inherits this call (contract item 1).</summary>
    public bool HasNotReturned => Phase is HitPhase.Pending or HitPhase.Running;

    public void Reset(IntervalNotifier notifier, AddressRange overlap, bool isInherited)
    {
        Notifier = notifier;
        Overlap = overlap;
        Sequence = notifier.Sequence;
        IsInherited = isInherited;
        SecondStep = null;
        Volatile.Write(ref _state, (int)HitPhase.Pending);
    }

    public bool TryBeginCallback() =>
        Interlocked.CompareExchange(ref _state, (int)HitPhase.Running, (int)HitPhase.Pending) == (int)HitPhase.Pending;

    public bool TryCancel() =>
        Interlocked.CompareExchange(ref _state, (int)HitPhase.Cancelled, (int)HitPhase.Pending) == (int)HitPhase.Pending;

    /// <summary>Asks the walker to unlink the hit as soon as it is done. False if it is done already: then the caller may unlink it.</summary>
    public bool TryAwait()
    {
        int old = Interlocked.Or(ref _state, Awaited);
        return (HitPhase)(old & PhaseMask) is not (HitPhase.Done or HitPhase.Cancelled);
    }

    /// <summary>The walker's step to a later phase. Returns whether a remover waits.</summary>
    /// <remarks>The exchange is atomic with <see cref="TryAwait"/>: either that sees Done, or this sees Awaited.</remarks>
    public bool Advance(HitPhase phase)
    {
        int old = Volatile.Read(ref _state);
        while (true)
        {
            int seen = Interlocked.CompareExchange(ref _state, (int)phase | (old & Awaited), old);
            if (seen == old)
                return (old & Awaited) != 0;
            old = seen;
        }
    }
}
