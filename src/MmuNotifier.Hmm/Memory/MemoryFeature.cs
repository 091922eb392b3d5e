namespace MmuNotifier.Hmm;

/// <summary>What an address space or the machine below it may lack.</summary>
public enum MemoryFeature
{
    /// <summary>Reserved huge pages (hugetlb).</summary>
    HugeTlb,

    /// <summary>Transparent huge pages.</summary>
    TransparentHugePages,

    /// <summary>Children.</summary>
    Fork,

    /// <summary>Moving pages to private device memory, and back when the CPU touches them.</summary>
    PrivateMigration,

    /// <summary>Exclusive access of a device.</summary>
    Exclusive,

    /// <summary>Answers to the touches of missing pages (userfaultfd).</summary>
    Userfaultfd,

    /// <summary>One page of zeros behind all pages that have only been read.</summary>
    ZeroPage,
}
