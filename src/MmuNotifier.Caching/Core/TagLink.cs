namespace MmuNotifier.Caching;

/// <summary>The membership of an entry in a tag. The links are guarded by the tag's lock.</summary>
internal sealed class TagLink(TagNode tag, CacheEntry entry)
{
    public TagNode Tag { get; } = tag;

    public CacheEntry Entry { get; } = entry;

    public TagLink? Next { get; set; }

    public TagLink? Previous { get; set; }

    public bool IsLinked { get; set; }
}
