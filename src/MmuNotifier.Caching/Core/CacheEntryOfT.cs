namespace MmuNotifier.Caching;

/// <summary>An entry with its value.</summary>
internal sealed class CacheEntry<T>(KeyNode node) : CacheEntry(node)
{
    /// <summary>Written before the entry is valid, and not again.</summary>
    public T Value { get; set; } = default!;
}
