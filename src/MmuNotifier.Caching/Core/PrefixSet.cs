namespace MmuNotifier.Caching;

/// <summary>
/// Prefixes of keys that are invalidated together. A key costs one search for each length that occurs, however many prefixes there are.
/// </summary>
internal sealed class PrefixSet
{
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Each length that occurs, ascending.</summary>
    private readonly int[] _lengths;

    public PrefixSet(IEnumerable<string> prefixes)
    {
        var set = new HashSet<string>(prefixes, StringComparer.Ordinal);
        _lookup = set.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = [.. set.Select(each => each.Length).Distinct().Order()];
    }

    public bool Covers(ReadOnlySpan<char> key)
    {
        foreach (int length in _lengths)
        {
            StepCount.Add();
            if (length > key.Length)
                return false;
            if (_lookup.Contains(key[..length]))
                return true;
        }

        return false;
    }
}
