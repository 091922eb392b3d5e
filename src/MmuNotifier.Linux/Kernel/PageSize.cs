namespace MmuNotifier.Linux;

/// <summary>
/// The size of a page, and what an address tells of it. The code numbers of this library are those of x86-64, which has only this one.
/// Compiled into the native fault handler too.
/// </summary>
internal static class PageSize
{
    internal const int Shift = 12;

    internal const ulong Bytes = 1 << Shift;

    /// <summary>The bits of an address that say where in its page it is.</summary>
    internal const ulong OffsetMask = Bytes - 1;

    /// <summary>The first byte of the page of an address.</summary>
    internal static ulong StartOf(ulong address) => address & ~OffsetMask;

    /// <summary>The page of an address.</summary>
    internal static AddressRange RangeOf(ulong address) => new(StartOf(address), address | OffsetMask);
}
