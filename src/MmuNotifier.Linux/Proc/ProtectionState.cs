namespace MmuNotifier.Linux;

/// <summary>Whether pages armed earlier are still in place.</summary>
internal enum ProtectionState
{
    /// <summary>No page of the range is still protected: what was armed there has gone.</summary>
    NoneLeft,

    /// <summary>At least one page is still protected.</summary>
    SomeLeft,

    /// <summary>
    /// Only entries are left that may be markers (then all has gone) or swapped-out pages; this process may not see which, for want
    /// of CAP_SYS_ADMIN.
    /// </summary>
    Unknown,
}
