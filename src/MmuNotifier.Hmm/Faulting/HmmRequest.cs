namespace MmuNotifier.Hmm;

/// <summary>What is asked of a page (<c>HMM_PFN_REQ_*</c>, same values as the bits of the answer).</summary>
[Flags]
public enum HmmRequest : ulong
{
    /// <summary>Nothing: only report what is there (a snapshot).</summary>
    None = 0,

    /// <summary>The page is to be there, at least readable.</summary>
    Fault = 1UL << 63,

    /// <summary>The page is to be writable. Means something only together with <see cref="Fault"/>.</summary>
    Write = 1UL << 62,
}
