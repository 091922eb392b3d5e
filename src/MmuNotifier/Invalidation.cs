using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>What a callback gets of the invalidation that it is called for (<c>struct mmu_notifier_range</c> in Linux).</summary>
/// <remarks>A snapshot: it stays as it is after the callback returned.</remarks>
public struct Invalidation
{
    // Words and no ranges: read as one soon after they were written as two, they would stall the processor.
    private ulong _start;
    private ulong _last;
    private ulong _overlapStart;
    private ulong _overlapLast;
    private InvalidationMode _mode;

    /// <summary>The whole range that the invalidation covers, in bytes, bounds inclusive.</summary>
    public readonly AddressRange Range => AddressRange.Unchecked(_start, _last);

    /// <summary>
    /// The part that this callback must invalidate, all of it, whatever the notifier's range is by now: what the notifier and
    /// <see cref="Range"/> had in common when the invalidation started or was inherited. For a whole-space notifier all of
    /// <see cref="Range"/>.
    /// </summary>
    public readonly AddressRange Overlap => AddressRange.Unchecked(_overlapStart, _overlapLast);

    /// <summary>Why the range is invalidated.</summary>
    public readonly InvalidationEvent Event => _mode.Event;

    /// <summary>Who asked for a migration or for exclusive access, if the invalidation names it (<c>range->owner</c>).</summary>
    public object? Owner { get; private set; }

    /// <summary>
    /// Whether the callback may sleep (<c>MMU_NOTIFIER_RANGE_BLOCKABLE</c>). If not, one that would have to sleep answers
    /// <see cref="InvalidateResult.WouldBlock"/>.
    /// </summary>
    public readonly bool IsBlockable => _mode.IsBlockable;

    /// <summary>
    /// Whether the notifier is called because an edit put it over bytes of another one whose callback for this invalidation had
    /// not returned yet (docs/contract.md, item 1).
    /// </summary>
    public bool IsInherited { get; private set; }

    internal readonly InvalidationMode Mode => _mode;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Reset(AddressRange range, InvalidationMode mode, object? owner)
    {
        _start = range.Start;
        _last = range.Last;
        _mode = mode;
        if (!ReferenceEquals(Owner, owner))
            Owner = owner;
    }

    internal void ForgetOwner() => Owner = null;

    /// <summary>What the range has in common with one that it meets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetOverlap(ulong start, ulong last)
    {
        _overlapStart = Math.Max(_start, start);
        _overlapLast = Math.Min(_last, last);
    }

    /// <summary>The same invalidation for another notifier.</summary>
    internal readonly Invalidation For(AddressRange overlap, bool isInherited)
    {
        Invalidation copy = this;
        copy._overlapStart = overlap.Start;
        copy._overlapLast = overlap.Last;
        copy.IsInherited = isInherited;
        return copy;
    }

    /// <summary>
    /// The same for a whole-space notifier that is inserted meanwhile: it may sleep, because the starting thread does not call it.
    /// </summary>
    internal readonly Invalidation ForWholeSpace(bool mayBlock)
    {
        Invalidation copy = For(Range, isInherited: false);
        if (mayBlock)
            copy._mode = copy._mode.AsBlockable;
        return copy;
    }
}
