using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>A huge page of x86-64, and the block of addresses that one can be mapped at.</summary>
internal static class HugePage
{
    /// <summary>Logarithm of its pages.</summary>
    internal const byte Order = 9;

    /// <summary>Its pages.</summary>
    internal const int Pages = 1 << Order;

    /// <summary>Its bytes.</summary>
    internal const ulong Bytes = Pages * MirroredMemory.PageBytes;

    /// <summary>The first byte of the block that an address is in.</summary>
    internal static ulong StartOf(ulong address) => address & ~(Bytes - 1);

    /// <summary>The block that an address is in.</summary>
    internal static AddressRange RangeOf(ulong address) => AddressRange.FromLength(StartOf(address), Bytes);

    /// <summary>Whether pages that follow each other begin with all the pages of a block.</summary>
    internal static bool StartsIn(ReadOnlySpan<MigratePage> pages) => pages.Length >= Pages && pages[0].Address % Bytes == 0;
}
