namespace MmuNotifier.Caching;

/// <summary>What an invalidation is about: one key, all entries with a tag, or all keys that begin with a prefix.</summary>
/// <remarks>Names are compared by code units (ordinal), and a name of any length and content is allowed, also the empty one.</remarks>
public readonly record struct CacheName
{
    private readonly string? _text;

    private CacheName(CacheNameKind kind, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Kind = kind;
        _text = text;
    }

    internal CacheNameKind Kind { get; }

    internal string Text => _text ?? "";

    /// <summary>One key.</summary>
    /// <param name="key">As lookups name it.</param>
    public static CacheName Key(string key) => new(CacheNameKind.Key, key);

    /// <summary>All entries that were loaded or set with this tag.</summary>
    /// <param name="tag">As loads name it.</param>
    public static CacheName Tag(string tag) => new(CacheNameKind.Tag, tag);

    /// <summary>All keys that begin with the text; the empty one is the beginning of every key.</summary>
    /// <param name="prefix">
    /// The beginning of keys. One that ends with one of <see cref="CoherentCacheOptions.PrefixSeparators"/> costs what it hits; another one
    /// also looks at the keys that share its last whole segment.
    /// </param>
    public static CacheName Prefix(string prefix) => new(CacheNameKind.Prefix, prefix);

    /// <summary>Whether both name the same.</summary>
    /// <param name="other">The name to compare with.</param>
    public bool Equals(CacheName other) => Kind == other.Kind && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Text);

    /// <summary>The kind and the text.</summary>
    public override string ToString() => $"{Kind} '{Text}'";

    /// <summary>Whether an invalidation of this name is about the key. Addresses are a filter; this decides.</summary>
    internal bool Covers(string key) => Kind switch
    {
        CacheNameKind.Key => string.Equals(key, Text, StringComparison.Ordinal),
        CacheNameKind.Prefix => key.StartsWith(Text, StringComparison.Ordinal),
        _ => false,
    };
}
