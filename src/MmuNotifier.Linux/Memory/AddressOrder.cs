namespace MmuNotifier.Linux;

/// <summary>Looks up an address among ranges that do not overlap, in ascending order.</summary>
internal static class AddressOrder
{
    /// <summary>The index of the first range that does not lie before the address; the number of ranges if all do.</summary>
    /// <param name="ranges">The ranges, or what has them.</param>
    /// <param name="address">The address.</param>
    /// <param name="lastOf">Gives the last byte of a range.</param>
    internal static int FirstFrom<T>(ReadOnlySpan<T> ranges, ulong address, Func<T, ulong> lastOf)
    {
        (int low, int high) = (0, ranges.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (lastOf(ranges[middle]) < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
