namespace MmuNotifier.Linux;

/// <summary>What PAGEMAP_SCAN says about a page (PAGE_IS_*).</summary>
[Flags]
internal enum PageCategories : ulong
{
    None = 0,
    WriteProtectAllowed = 1 << 0,
    Written = 1 << 1,
    File = 1 << 2,
    Present = 1 << 3,

    /// <summary>An entry that is neither empty nor present: swapped out, migrating, or a marker (of protection, of a guard).</summary>
    Swapped = 1 << 4,
    ZeroPage = 1 << 5,
    Huge = 1 << 6,
    SoftDirty = 1 << 7,

    /// <summary>A guard page; known from Linux 6.15, an error before.</summary>
    Guard = 1 << 8,
}
