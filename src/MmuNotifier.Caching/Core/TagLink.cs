namespace MmuNotifier.Caching;

/// <summary>The membership of an entry in a tag; or the head of a tag's ring of them. The ring is guarded by the tag's lock.</summary>
/// <param name="tag">The tag.</param>
/// <param name="entry">Null for the head.</param>
/// <param name="nextOfEntry">The entry's membership in its next tag.</param>
internal sealed class TagLink(TagNode tag, CacheEntry? entry, TagLink? nextOfEntry)
{
    public TagNode Tag { get; } = tag;

    public CacheEntry? Entry { get; } = entry;

    public TagLink? NextOfEntry { get; } = nextOfEntry;

    /// <summary>Null while it is not in the ring.</summary>
    public TagLink? Next { get; set; }

    public TagLink? Previous { get; set; }
}
