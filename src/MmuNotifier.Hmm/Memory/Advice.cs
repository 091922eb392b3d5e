namespace MmuNotifier.Hmm;

/// <summary>What <see cref="VirtualMemory.Advise"/> advises (<c>MADV_*</c>, same values).</summary>
public enum Advice
{
    /// <summary>The pages are dropped; the next touch finds zeros, or the file.</summary>
    DontNeed = 4,

    /// <summary>The pages may be dropped until they are written again. Private anonymous mappings only.</summary>
    Free = 8,

    /// <summary>The pages are dropped from the file or shared memory too.</summary>
    Remove = 9,

    /// <summary>Children do not get the mapping.</summary>
    DontFork = 10,

    /// <summary>Children get the mapping again.</summary>
    DoFork = 11,

    /// <summary>Huge pages are wanted.</summary>
    HugePage = 14,

    /// <summary>Huge pages are not wanted.</summary>
    NoHugePage = 15,

    /// <summary>Children find the mapping empty. Private anonymous mappings only.</summary>
    WipeOnFork = 18,

    /// <summary>Children find the content again.</summary>
    KeepOnFork = 19,

    /// <summary>All pages are read-faulted in.</summary>
    PopulateRead = 22,

    /// <summary>All pages are write-faulted in.</summary>
    PopulateWrite = 23,

    /// <summary>Small pages become a huge page, now.</summary>
    Collapse = 25,
}
