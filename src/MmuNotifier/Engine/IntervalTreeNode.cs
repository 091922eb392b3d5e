using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MmuNotifier;

/// <summary>
/// A node of the <see cref="IntervalTree"/>: entries sorted by start. Starts and lasts are in line, because a query compares all of a
/// node's at once and touches the items only where it continues.
/// </summary>
/// <remarks>
/// Walkers without the lock read nodes while they are changed, and throw away what they read when the tree's version has moved. So that
/// they never leave safe memory, a node never changes its kind, and item arrays are typed: a torn read finds an old item, another one or
/// null.
/// </remarks>
internal abstract class IntervalTreeNode
{
    public const int Capacity = 32;

    public NodeAddresses Starts;
    public NodeAddresses Lasts;

    public int Count { get; protected set; }

    public InnerNode? Parent { get; set; }

    public ulong MinStart => Starts[0];

    public ulong MaxLast
    {
        get
        {
            ulong max = 0;
            for (int i = 0; i < Count; i++)
                max = Math.Max(max, Lasts[i]);
            return max;
        }
    }

    /// <summary>
    /// The index of the first entry that ends at or after the address; at least <see cref="Count"/> if there is none. One half of a query,
    /// and in most nodes all of it that the next step waits for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstEndingFrom(ulong start) =>
        BitOperations.TrailingZeroCount(~Below(ref Unsafe.As<NodeAddresses, ulong>(ref Lasts), start));

    /// <summary>Whether the entry after an index, if there is one, starts at or before the address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool NextStartsBy(int index, ulong last) => index + 1 < Count && Starts[index + 1] <= last;

    /// <summary>One bit for each entry that meets the range, the lowest for the first.</summary>
    public uint EntriesThatMeet(ulong start, ulong last)
    {
        uint startsBefore = AtMost(ref Unsafe.As<NodeAddresses, ulong>(ref Starts), last);
        uint endsBefore = Below(ref Unsafe.As<NodeAddresses, ulong>(ref Lasts), start);
        return startsBefore & ~endsBefore & (uint)((1UL << Count) - 1);
    }

    /// <summary>The index of the first entry that starts at or after the address.</summary>
    public int LowerBound(ulong start) =>
        Math.Min(Count, BitOperations.TrailingZeroCount(~Below(ref Unsafe.As<NodeAddresses, ulong>(ref Starts), start)));

    /// <summary>The index of the first entry that starts after the address.</summary>
    public int UpperBound(ulong start) =>
        Math.Min(Count, BitOperations.TrailingZeroCount(~AtMost(ref Unsafe.As<NodeAddresses, ulong>(ref Starts), start)));

    /// <summary>Takes the entry at an index out.</summary>
    public abstract void RemoveAt(int index);

    /// <summary>Moves the entries from an index on to the empty node <paramref name="right"/> of the same kind.</summary>
    public abstract void MoveTailTo(IntervalTreeNode right, int from);

    /// <summary>Moves all entries behind those of <paramref name="left"/>, of the same kind.</summary>
    public abstract void MoveAllTo(IntervalTreeNode left);

    /// <summary>Makes room for an entry and writes its addresses.</summary>
    protected void OpenGap(int index, ulong start, ulong last)
    {
        Span<ulong> starts = Starts;
        Span<ulong> lasts = Lasts;
        starts[index..Count].CopyTo(starts[(index + 1)..]);
        lasts[index..Count].CopyTo(lasts[(index + 1)..]);
        starts[index] = start;
        lasts[index] = last;
    }

    protected void CloseGap(int index)
    {
        Span<ulong> starts = Starts;
        Span<ulong> lasts = Lasts;
        starts[(index + 1)..Count].CopyTo(starts[index..]);
        lasts[(index + 1)..Count].CopyTo(lasts[index..]);
    }

    protected void CopyAddresses(int from, IntervalTreeNode target, int to)
    {
        Span<ulong> starts = Starts;
        Span<ulong> lasts = Lasts;
        starts[from..Count].CopyTo(((Span<ulong>)target.Starts)[to..]);
        lasts[from..Count].CopyTo(((Span<ulong>)target.Lasts)[to..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint AtMost(ref ulong first, ulong bound)
    {
        Vector512<ulong> bounds = Vector512.Create(bound);
        return Bits(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref first), bounds))
            | (Bits(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref first, 8), bounds)) << 8)
            | (Bits(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref first, 16), bounds)) << 16)
            | (Bits(Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref first, 24), bounds)) << 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Below(ref ulong first, ulong bound)
    {
        Vector512<ulong> bounds = Vector512.Create(bound);
        return Bits(Vector512.LessThan(Vector512.LoadUnsafe(ref first), bounds))
            | (Bits(Vector512.LessThan(Vector512.LoadUnsafe(ref first, 8), bounds)) << 8)
            | (Bits(Vector512.LessThan(Vector512.LoadUnsafe(ref first, 16), bounds)) << 16)
            | (Bits(Vector512.LessThan(Vector512.LoadUnsafe(ref first, 24), bounds)) << 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector512<ulong> mask) => (uint)mask.ExtractMostSignificantBits();
}
