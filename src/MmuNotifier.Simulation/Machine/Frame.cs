namespace MmuNotifier.Simulation;

/// <summary>What is known of one frame of system memory (<c>struct page</c>).</summary>
internal struct Frame
{
    /// <summary>Its bytes; null while it is free.</summary>
    public byte[]? Bytes;

    /// <summary>Entries that map it, and one each for the page cache, a migration under way and a pin.</summary>
    public int References;

    /// <summary>Whether it belongs to a file's page cache; else it is anonymous.</summary>
    public bool IsCached;

    /// <summary>Whether its content may be dropped (MADV_FREE); a write takes that back.</summary>
    public bool IsLazilyFree;
}
