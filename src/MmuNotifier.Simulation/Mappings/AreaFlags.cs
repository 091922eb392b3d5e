namespace MmuNotifier.Simulation;

/// <summary>What a mapping is besides its protection (<c>VM_*</c>). Mappings with different flags are not joined.</summary>
[Flags]
internal enum AreaFlags
{
    None = 0,
    Shared = 1,
    HugeTlb = 2,
    DontFork = 4,
    WipeOnFork = 8,
    HugePage = 16,
    NoHugePage = 32,

    /// <summary>Private hugetlb whose pages that do not exist yet are reserved; children have no reservation.</summary>
    Reserved = 64,
}
