using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// A range of byte addresses, <c>[Start, Last]</c>, both inclusive, so that the last byte of a 64-bit space can be covered.
/// It is never empty. <c>default</c> is the single byte at address 0.
/// </summary>
/// <remarks>Corresponds to <c>interval_tree_node.start/last</c> in Linux. Immutable; usable from any thread.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public readonly record struct AddressRange
{
    /// <summary>Makes the range of all bytes from <paramref name="start"/> to <paramref name="last"/>.</summary>
    /// <param name="start">First byte address, inclusive.</param>
    /// <param name="last">Last byte address, inclusive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="last"/> is below <paramref name="start"/>.</exception>
    public AddressRange(ulong start, ulong last)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(last, start);
        Start = start;
        Last = last;
    }

    private AddressRange(ulong start, ulong last, bool _)
    {
        Start = start;
        Last = last;
    }

    /// <summary>The whole 64-bit space: every byte from 0 to <see cref="ulong.MaxValue"/>.</summary>
    public static AddressRange Whole => new(0, ulong.MaxValue);

    /// <summary>First byte address, inclusive.</summary>
    public ulong Start { get; }

    /// <summary>Last byte address, inclusive.</summary>
    public ulong Last { get; }

    /// <summary>How many bytes it has, from 1.</summary>
    /// <exception cref="OverflowException">It is <see cref="Whole"/>, which has one byte more than a 64-bit number can say.</exception>
    public ulong Length => checked(Last - Start + 1);

    /// <summary>Makes the range of <paramref name="length"/> bytes that begins at <paramref name="start"/>.</summary>
    /// <param name="start">First byte address, inclusive.</param>
    /// <param name="length">Length in bytes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="length"/> is 0, or the range would pass the last byte of the space (<c>EOVERFLOW</c> in Linux).
    /// </exception>
    public static AddressRange FromLength(ulong start, ulong length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length - 1, ulong.MaxValue - start, nameof(length));
        return new AddressRange(start, start + (length - 1));
    }

    /// <summary>Makes the range of the bytes that a pointer leads to.</summary>
    /// <param name="first">The first byte.</param>
    /// <param name="length">Length in bytes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">As in <see cref="FromLength"/>.</exception>
    public static unsafe AddressRange FromPointer(void* first, nuint length) => FromLength((ulong)first, length);

    /// <summary>Makes the range of the bytes that a span covers.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="span">
    /// At least one element, in memory that the garbage collector does not move: native, on the stack, or pinned for as long as the range
    /// is used.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The span is empty.</exception>
    public static unsafe AddressRange FromSpan<T>(ReadOnlySpan<T> span)
        where T : unmanaged
    {
        fixed (T* first = span)
            return FromLength((ulong)first, (ulong)span.Length * (ulong)sizeof(T));
    }

    /// <summary>The range of bounds that are known to be in order, or that a race may have torn, and then nobody will use it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static AddressRange Unchecked(ulong start, ulong last) => new(start, last, false);

    /// <summary>Whether at least one byte is in both ranges.</summary>
    /// <param name="other">The range to compare with.</param>
    public bool Overlaps(AddressRange other) => Start <= other.Last && other.Start <= Last;

    /// <summary>Whether every byte of <paramref name="other"/> is in this range.</summary>
    /// <param name="other">The range that may lie inside.</param>
    public bool Contains(AddressRange other) => Start <= other.Start && other.Last <= Last;

    /// <summary>Whether the byte at <paramref name="address"/> is in this range.</summary>
    /// <param name="address">A byte address.</param>
    public bool Contains(ulong address) => Start <= address && address <= Last;

    /// <summary>The bytes that are in both ranges.</summary>
    /// <param name="other">The range to intersect with.</param>
    /// <exception cref="InvalidOperationException">The ranges do not overlap.</exception>
    public AddressRange Intersect(AddressRange other) => Overlaps(other)
        ? new AddressRange(Math.Max(Start, other.Start), Math.Min(Last, other.Last))
        : throw new InvalidOperationException($"{this} and {other} have no byte in common.");

    /// <summary>The bytes that are in both ranges, if there are any.</summary>
    /// <param name="other">The range to intersect with.</param>
    /// <param name="intersection">The bytes that are in both; <c>default</c> if there are none.</param>
    /// <returns>Whether at least one byte is in both ranges.</returns>
    public bool TryIntersect(AddressRange other, out AddressRange intersection)
    {
        bool overlaps = Overlaps(other);
        intersection = overlaps ? Intersect(other) : default;
        return overlaps;
    }

    /// <summary>The bounds, for <c>var (start, last) = range</c>.</summary>
    /// <param name="start">First byte address, inclusive.</param>
    /// <param name="last">Last byte address, inclusive.</param>
    public void Deconstruct(out ulong start, out ulong last)
    {
        start = Start;
        last = Last;
    }

    /// <summary>The smallest range that contains both.</summary>
    /// <param name="other">The range to join with.</param>
    public AddressRange Hull(AddressRange other) => new(Math.Min(Start, other.Start), Math.Max(Last, other.Last));

    /// <summary>The range in hexadecimal with inclusive bounds, such as <c>[0x1000, 0x1fff]</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[0x{Start:x}, 0x{Last:x}]");
}
