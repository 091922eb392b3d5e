namespace MmuNotifier;

/// <summary>
/// A subscription to the invalidations of one range (<c>struct mmu_interval_notifier</c> in Linux). Derive from it, keep the shadow
/// entries of the range there or in a device's page table, and invalidate them in <see cref="Invalidate"/>.
/// </summary>
/// <remarks>
/// What readers see without a lock, and in which order it is written (under the engine lock) and read:
/// <list type="table">
/// <item><term>range</term><description>written first; read after the sequence.</description></item>
/// <item><term>gate</term><description>0 = fully excluded nobody: a section may open. Else the number of active invalidations that meet
/// the range, and flags that never go away. Written before the sequence, read after it.</description></item>
/// <item><term>sequence</term><description>bumped last, with release, when an invalidation starts and when an edit touches the notifier;
/// read first, with acquire. A reader that sees the new sequence sees the new gate and range; one that sees the old retries.</description></item>
/// </list>
/// An end only lowers the gate: a section that was open before has seen the start's bump, and one that opens now has the right sequence.
/// </remarks>
public abstract partial class IntervalNotifier : Notifier
{
    private ulong _start;
    private ulong _last;
    private long _sequence;

    /// <summary>Makes a notifier that is not inserted yet.</summary>
    /// <param name="owner">
    /// The device that it works for. It is not called back for <see cref="InvalidationEvent.Migrate"/> and
    /// <see cref="InvalidationEvent.Exclusive"/> invalidations that name the same owner; its sections collide with them all the same.
    /// </param>
    protected IntervalNotifier(object? owner = null)
    {
        Owner = owner;
    }

    /// <summary>The device that the notifier works for, or null.</summary>
    public object? Owner { get; }

    /// <summary>The range that the notifier has, or had when it was removed; bounds inclusive. Takes the engine lock for a moment.</summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public AddressRange Range => RequireSpace().RangeOf(this);

    /// <summary>
    /// Changes whenever an invalidation that meets the range starts and whenever an edit touches the notifier
    /// (<c>invalidate_seq</c> in Linux). Kept by the engine. Never waits.
    /// </summary>
    public long Sequence => Volatile.Read(ref _sequence);

    internal AddressRange RangeLocked => new(_start, _last);

    internal IntervalTreeNode? Leaf { get; set; }

    /// <summary>Order of insertion into the tree; breaks ties between equal starts.</summary>
    internal long TreeStamp { get; set; }

    internal Hit? FirstHit { get; private set; }

    internal override bool HasNoCallbacks => FirstHit is null;

    /// <summary>
    /// Invalidates every shadow entry in <see cref="Invalidation.Overlap"/>, under the driver lock that is also held around
    /// <see cref="ReadSection.Retry"/> and commit. When it returns nobody may use those entries any more.
    /// </summary>
    /// <remarks>
    /// Runs on the thread that started the invalidation, under no lock of the engine. Calls for one notifier may run in parallel and
    /// nest. Insert, deferred removal, move, batches and <see cref="Cut"/> may be called from here, under any lock, and take effect at
    /// once; calls that wait may not. An exception stops neither the other callbacks nor the second steps.
    /// </remarks>
    /// <param name="invalidation">What is invalidated and why.</param>
    /// <returns>Done, done up to a second step, or, if not blockable, that it would block.</returns>
    protected internal abstract InvalidateResult Invalidate(in Invalidation invalidation);

    internal void SetRange(AddressRange range)
    {
        _start = range.Start;
        _last = range.Last;
    }

    /// <summary>The last of the writes that a start or an edit makes, so that who sees it sees the others.</summary>
    internal void BumpSequence() => Volatile.Write(ref _sequence, _sequence + 1);

    internal void LinkHit(Hit hit)
    {
        hit.PreviousOfNotifier = null;
        hit.NextOfNotifier = FirstHit;
        if (FirstHit is not null)
            FirstHit.PreviousOfNotifier = hit;
        FirstHit = hit;
        hit.IsLinked = true;
    }

    internal void UnlinkHit(Hit hit)
    {
        if (hit.PreviousOfNotifier is null)
            FirstHit = hit.NextOfNotifier;
        else
            hit.PreviousOfNotifier.NextOfNotifier = hit.NextOfNotifier;
        if (hit.NextOfNotifier is not null)
            hit.NextOfNotifier.PreviousOfNotifier = hit.PreviousOfNotifier;
        hit.PreviousOfNotifier = null;
        hit.NextOfNotifier = null;
        hit.IsLinked = false;
    }
}
