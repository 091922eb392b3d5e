namespace MmuNotifier.Simulation;

/// <summary>One page of system memory. Zeros need no bytes until they are written.</summary>
internal sealed class PageFrame
{
    /// <summary>Null: all zeros.</summary>
    public byte[]? Bytes { get; set; }

    /// <summary>Page-table entries and caches that hold it; 0: free.</summary>
    public int References { get; set; }

    /// <summary>Belongs to no file: copy-on-write may reuse it when only one holds it.</summary>
    public bool IsAnonymous { get; set; }
}
