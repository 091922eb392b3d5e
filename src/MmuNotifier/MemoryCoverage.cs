namespace MmuNotifier;

/// <summary>What an <see cref="IMemoryWatch"/> sees of changes of the memory that it was asked to watch.</summary>
public enum MemoryCoverage
{
    /// <summary>It cannot be watched: what is registered there must not be kept.</summary>
    None,

    /// <summary>Every unmap, remap and advice is seen.</summary>
    Events,
}
