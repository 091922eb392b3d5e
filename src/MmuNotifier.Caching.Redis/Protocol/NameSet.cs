namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The names of a scope. A question costs one search for each tag and each length of prefixes, however many names there are.
/// </summary>
internal sealed class NameSet
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);
    private readonly PrefixSet _prefixes;

    public NameSet(IEnumerable<CacheName> names)
    {
        var prefixes = new List<string>();
        foreach (CacheName name in names)
        {
            if (name.Kind == CacheNameKind.Key)
                _keys.Add(name.Text);
            else if (name.Kind == CacheNameKind.Tag)
                _tags.Add(name.Text);
            else
                prefixes.Add(name.Text);
        }

        _prefixes = new PrefixSet(prefixes);
    }

    public bool Covers(string key, ReadOnlySpan<string> tags)
    {
        if (_keys.Contains(key) || _prefixes.Covers(key))
            return true;
        foreach (string tag in tags)
        {
            if (_tags.Contains(tag))
                return true;
        }

        return false;
    }
}
