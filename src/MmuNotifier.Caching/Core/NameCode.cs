using System.Numerics;

namespace MmuNotifier.Caching;

/// <summary>
/// How a segment divides its addresses among any number of children that nobody knows beforehand: child <c>n</c> gets the addresses that
/// begin with the Elias delta code of <c>n</c>. No code is the beginning of another one, so no two children meet, and no child ever moves;
/// the code of <c>n</c> takes about log n + 2 log log n bits, so early children have much room for children of their own.
/// </summary>
internal static class NameCode
{
    /// <summary>Where child <paramref name="number"/> is among the addresses of its parent.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="bits">The parent has 2^bits addresses; at most 63.</param>
    /// <param name="offset">Of the child's first address, from the parent's first.</param>
    /// <param name="childBits">The child has 2^childBits addresses.</param>
    /// <returns>
    /// False if the code is longer than the parent's addresses. Then the child shares the parent's first address: offset 0 begins with more
    /// zeros than any code, so no other child has it.
    /// </returns>
    public static bool TryPlace(uint number, int bits, out ulong offset, out int childBits)
    {
        int low = BitOperations.Log2(number);
        int lengthBits = BitOperations.Log2((uint)low + 1);
        int codeBits = low + (2 * lengthBits) + 1;
        if (codeBits > bits)
        {
            offset = 0;
            childBits = 0;
            return false;
        }

        // Log2(low + 1) zeros, low + 1 in binary, then number in binary without its first 1.
        ulong code = ((ulong)(low + 1) << low) | (number ^ (1u << low));
        childBits = bits - codeBits;
        offset = code << childBits;
        return true;
    }
}
