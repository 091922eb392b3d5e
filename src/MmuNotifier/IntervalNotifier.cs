using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// A subscription to the invalidations of one range (<c>struct mmu_interval_notifier</c> in Linux). Derive from it, keep the shadow
/// entries of the range there or in a device's page table, and invalidate them in <see cref="Invalidate"/>.
/// </summary>
[DebuggerDisplay("{DebuggerText,nq}")]
public abstract partial class IntervalNotifier : Notifier
{
    /// <summary>Made by the first section over a part, without a lock.</summary>
    private AtomicReference<InvalidationLog> _log;

    /// <summary>The range. Written under the engine lock inside an edit of the word; read without it.</summary>
    private AtomicInt64 _start;
    private AtomicInt64 _last;

    /// <summary>Readers that wait. Guarded by the engine lock.</summary>
    internal WaiterQueue ReadWaiters;

    /// <summary>Makes a notifier that is not inserted yet.</summary>
    /// <param name="owner">
    /// The device that it works for. It is not called back for <see cref="InvalidationEvent.Migrate"/> and
    /// <see cref="InvalidationEvent.Exclusive"/> invalidations that name the same owner; its sections collide with them all the same.
    /// </param>
    protected IntervalNotifier(object? owner = null)
    {
        Owner = owner;
    }

    /// <summary>Makes a notifier, not inserted yet, whose callback is a delegate. Derive a class where it has state of its own.</summary>
    /// <param name="callback">What <see cref="Invalidate"/> does; the same rules hold for it.</param>
    /// <param name="owner">As in the constructor.</param>
    public static IntervalNotifier Create(InvalidateCallback callback, object? owner = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new DelegateNotifier(callback, owner);
    }

    /// <summary>The device that the notifier works for, or null.</summary>
    public object? Owner { get; }

    /// <summary>
    /// The range that the notifier has, or had when it was removed; bounds inclusive. Takes the engine lock for a moment.
    /// </summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public AddressRange Range => RequireSpace().RangeOf(this);

    /// <summary>Takes no lock, which another thread that stands still may hold; the range may be torn.</summary>
    private string DebuggerText => State == NotifierState.New
        ? $"{TypeName}, not inserted"
        : $"{TypeName} {AddressRange.Unchecked((ulong)_start.ReadRelaxed(), (ulong)_last.ReadRelaxed())}, {State}, sequence "
            + $"{Word.Sequence}";

    internal AddressRange RangeLocked
    {
        get
        {
            Space?.AssertLocked();
            return new((ulong)_start.ReadRelaxed(), (ulong)_last.ReadRelaxed());
        }
    }

    /// <summary>Where it is in the tree. Guarded by the engine lock.</summary>
    internal LeafNode? Leaf { get; set; }

    /// <summary>Order of insertion into the tree; breaks ties between equal starts. Guarded by the engine lock.</summary>
    internal long TreeStamp { get; set; }

    /// <summary>Where it is in the order of the tree. For who holds the engine lock.</summary>
    internal TreePlace TreePlace => new((ulong)_start.ReadRelaxed(), TreeStamp);

    internal override bool HasNoCallbacks => Removal is not { AwaitedHitCount: > 0 };

    /// <summary>
    /// Invalidates every shadow entry in <see cref="Invalidation.Overlap"/>, under the driver lock that is also held around
    /// <see cref="ReadSection.MustRetry"/> and commit. When it returns nobody may use those entries any more.
    /// </summary>
    /// <remarks>
    /// Runs on the thread that started the invalidation, under no lock of the engine. Calls for one notifier may run in parallel and
    /// nest. Insert, deferred removal, move, batches and <see cref="Cut(AddressRange, Func{IntervalNotifier})"/> may be called from here,
    /// under any lock, and take effect at once; calls that wait may not. An exception stops neither the other callbacks nor the second
    /// steps.
    /// </remarks>
    /// <param name="invalidation">What is invalidated and why.</param>
    /// <returns>Done, done up to a second step, or, if not blockable, that it would block.</returns>
    protected internal abstract InvalidateResult Invalidate(in Invalidation invalidation);

    /// <summary>Called between <see cref="BeginMove"/> and <see cref="EndMove"/>.</summary>
    internal void SetRange(AddressRange range)
    {
        _start.WriteRelaxed((long)range.Start);
        _last.WriteRelaxed((long)range.Last);
    }

    /// <summary>The range as a slow reader sees it: perhaps torn, but then the word has changed, and it does not confirm.</summary>
    internal bool TryReadRange(out AddressRange range)
    {
        var start = (ulong)_start.Read();
        var last = (ulong)_last.Read();
        range = start <= last ? new AddressRange(start, last) : default;
        return start <= last;
    }
}
