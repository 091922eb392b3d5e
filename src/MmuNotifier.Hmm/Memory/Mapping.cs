namespace MmuNotifier.Hmm;

/// <summary>One mapping of an address space (<c>vm_area_struct</c>), as it was at the moment of the call that returned it.</summary>
public readonly record struct Mapping
{
    /// <summary>The bytes it covers; whole pages.</summary>
    public required AddressRange Range { get; init; }

    /// <summary>What it permits.</summary>
    public required Protection Protection { get; init; }

    /// <summary>Whether writes are seen by others that map the same memory.</summary>
    public bool IsShared { get; init; }

    /// <summary>What its pages come from.</summary>
    public MappingBacking Backing { get; init; }

    /// <summary>Byte offset of the first page in the file; 0 for anonymous memory.</summary>
    public ulong FileOffset { get; init; }

    /// <summary>Logarithm of the page size in units of 4096 bytes: 0, or 9 for hugetlb of 2 MiB.</summary>
    public byte PageOrder { get; init; }
}
