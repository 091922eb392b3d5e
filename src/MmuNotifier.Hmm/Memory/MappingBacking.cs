namespace MmuNotifier.Hmm;

/// <summary>What the pages of a mapping come from.</summary>
public enum MappingBacking
{
    /// <summary>Zeros.</summary>
    Anonymous,

    /// <summary>A file, or memory that is shared as if it were one.</summary>
    File,

    /// <summary>A device's own pages (I/O or PFN mappings): never faulted by HMM.</summary>
    Device,
}
