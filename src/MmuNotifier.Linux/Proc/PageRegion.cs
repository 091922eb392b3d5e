using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct page_region: adjacent pages with the same categories; half-open as the kernel writes it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal readonly record struct PageRegion(ulong Start, ulong End, PageCategories Categories)
{
    /// <summary>The last byte of the region.</summary>
    internal ulong Last => End - 1;
}
