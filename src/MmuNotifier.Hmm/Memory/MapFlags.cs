namespace MmuNotifier.Hmm;

/// <summary>How <see cref="VirtualMemory.Map"/> maps (<c>MAP_*</c>, same values). Without a file the mapping is anonymous.</summary>
[Flags]
public enum MapFlags
{
    /// <summary>No flag: refused, as by mmap; give <see cref="Shared"/> or <see cref="Private"/>.</summary>
    None = 0,

    /// <summary>Writes reach the file, or the other processes that share the memory.</summary>
    Shared = 0x01,

    /// <summary>Writes are copies of this address space's own.</summary>
    Private = 0x02,

    /// <summary>At exactly this address; what is mapped there is unmapped.</summary>
    Fixed = 0x10,

    /// <summary>At exactly this address; <see cref="Errno.Exists"/> if something is mapped there.</summary>
    FixedNoReplace = 0x10_0000,

    /// <summary>All pages exist when the call returns.</summary>
    Populate = 0x8000,

    /// <summary>Of huge pages of 2 MiB (hugetlb).</summary>
    HugeTlb = 0x4_0000,
}
