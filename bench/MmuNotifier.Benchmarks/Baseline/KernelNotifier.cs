namespace MmuNotifier.Benchmarks.Baseline;

/// <summary>
/// A subscription of the kernel's algorithm: tree node, sequence and place on the deferred list in one object
/// (<c>struct mmu_interval_notifier</c>).
/// </summary>
internal abstract class KernelNotifier
{
    internal KernelNotifier? Left;
    internal KernelNotifier? Right;
    internal KernelNotifier? Parent;
    internal KernelNotifier? NextDeferred;
    internal KernelNotifier? PreviousDeferred;
    internal ulong Start;
    internal ulong Last;

    /// <summary>The greatest <see cref="Last"/> of the subtree below and including this node.</summary>
    internal ulong SubtreeLast;

    internal bool IsRed;

    /// <summary>False while an insertion is deferred (<c>RB_EMPTY_NODE</c>).</summary>
    internal bool IsInTree;

    private long _sequence;

    internal long Sequence
    {
        get => Volatile.Read(ref _sequence);
        set => Volatile.Write(ref _sequence, value);
    }

    /// <summary>Invalidates; the callback itself stores the sequence, as the kernel asks of it (<c>mmu_interval_set_seq</c>).</summary>
    internal abstract bool Invalidate(ulong start, ulong last, long sequence);
}
