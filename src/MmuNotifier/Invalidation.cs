using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>What a callback is told of the invalidation that it is called for (<c>struct mmu_notifier_range</c> in Linux).</summary>
/// <remarks>A snapshot: it stays as it is after the callback returned.</remarks>
public struct Invalidation
{
    // Words and no ranges: see Hit.
    private readonly ulong _start;
    private readonly ulong _last;
    private ulong _overlapStart;
    private ulong _overlapLast;

    internal Invalidation(ActiveInvalidation source, bool isInherited)
    {
        _start = source.Start;
        _last = source.Last;
        _overlapStart = _start;
        _overlapLast = _last;
        Event = source.Terms.Event;
        Owner = source.Owner;
        IsBlockable = source.Terms.IsBlockable;
        IsInherited = isInherited;
    }

    /// <summary>The whole range that the invalidation covers, in bytes, bounds inclusive.</summary>
    public readonly AddressRange Range => AddressRange.Unchecked(_start, _last);

    /// <summary>
    /// The part that this callback must invalidate, all of it, whatever the notifier's range is by now: what the notifier and
    /// <see cref="Range"/> had in common when the invalidation started or was inherited. For a whole-space notifier all of
    /// <see cref="Range"/>.
    /// </summary>
    public readonly AddressRange Overlap => AddressRange.Unchecked(_overlapStart, _overlapLast);

    /// <summary>Why the range is invalidated.</summary>
    public InvalidationEvent Event { get; }

    /// <summary>Who asked for a migration or for exclusive access, if the invalidation names it (<c>range->owner</c>).</summary>
    public object? Owner { get; }

    /// <summary>
    /// Whether the callback may sleep (<c>MMU_NOTIFIER_RANGE_BLOCKABLE</c>). If not, one that would have to sleep answers
    /// <see cref="InvalidateResult.WouldBlock"/>.
    /// </summary>
    public bool IsBlockable { get; internal init; }

    /// <summary>
    /// Whether the notifier is called because an edit put it over bytes of another one whose callback for this invalidation had
    /// not returned yet (contract item 1).
    /// </summary>
    public bool IsInherited { get; }

    /// <summary>The same invalidation for another notifier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetOverlap(ulong start, ulong last)
    {
        _overlapStart = start;
        _overlapLast = last;
    }

    internal readonly Invalidation WithOverlap(AddressRange overlap)
    {
        Invalidation copy = this;
        copy.SetOverlap(overlap.Start, overlap.Last);
        return copy;
    }
}
