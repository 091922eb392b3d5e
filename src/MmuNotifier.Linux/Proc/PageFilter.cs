namespace MmuNotifier.Linux;

/// <summary>
/// Which pages a scan reports: with Inverted applied first, all categories of All and, unless it is empty, one of Any.
/// Regions come with the categories of Returned, and adjacent pages make one region only if these are equal.
/// </summary>
internal readonly record struct PageFilter(
    PageCategories All, PageCategories Inverted, PageCategories Any, PageCategories Returned)
{
    /// <summary>The categories that cost nothing; File and ZeroPage make the kernel look up every page.</summary>
    internal const PageCategories CheapCategories = PageCategories.Written | PageCategories.Present | PageCategories.Swapped;

    private const PageCategories Existing = PageCategories.Present | PageCategories.Swapped;

    /// <summary>
    /// Pages that exist and were written. Without the condition that the page exists, Linux 6.18 counts every empty entry beside
    /// a page as written, and arming would leave a marker there: then the first touch would be missed.
    /// </summary>
    internal static PageFilter Written => new(PageCategories.Written, PageCategories.None, Existing, CheapCategories);

    /// <summary>Pages that exist, markers among them.</summary>
    internal static PageFilter Populated => new(PageCategories.None, PageCategories.None, Existing, CheapCategories);

    /// <summary>Pages that exist, with everything that decides what to do about them.</summary>
    internal static PageFilter Look => Populated with { Returned = CheapCategories | PageCategories.WriteProtectAllowed };

    /// <summary>Entries that are protected, markers among them.</summary>
    internal static PageFilter Protected =>
        new(PageCategories.Written, PageCategories.Written, Existing, PageCategories.Present | PageCategories.Swapped);

    /// <summary>Like <see cref="Protected"/>, huge pages apart from small ones.</summary>
    internal static PageFilter ProtectedBySize => Protected with { Returned = PageCategories.Huge };

    /// <summary>Like <see cref="Protected"/>, without the pages of the file itself.</summary>
    internal static PageFilter ProtectedPrivate => Protected with
    {
        All = PageCategories.Written | PageCategories.File,
        Inverted = PageCategories.Written | PageCategories.File,
    };
}
