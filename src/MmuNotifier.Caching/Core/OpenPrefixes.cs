namespace MmuNotifier.Caching;

/// <summary>
/// The prefixes of open scopes that end inside a segment: the addresses of the whole segment would stop loads of other names. So the
/// engine's invalidation of the segment is over as soon as the callbacks have sorted out what is meant, and from then on loads look here.
/// Nearly always empty.
/// </summary>
/// <remarks>
/// A scope is added before its callbacks; a load joins its key, under the key's lock, and then looks here. If the callback took that lock
/// before, the look finds the scope; if after, the callback finds the load. If the engine did not meet the key at all, it was inserted
/// after the start, by an edit with a full fence between the insertion and the look.
/// </remarks>
internal sealed class OpenPrefixes
{
    private readonly DriverLock _lock = new("cache prefixes");

    /// <summary>Replaced under the lock.</summary>
    private AtomicReference<string[]> _prefixes;

    public OpenPrefixes() => _prefixes.Write([]);

    public void Add(List<string> prefixes)
    {
        if (prefixes.Count == 0)
            return;
        using (_lock.Hold())
            _prefixes.Write([.. _prefixes.ReadRelaxed()!, .. prefixes]);
    }

    /// <summary>Each as often as it is named, and no more often.</summary>
    public void Remove(List<string> prefixes)
    {
        if (prefixes.Count == 0)
            return;
        Dictionary<string, int> removed = prefixes.CountBy(each => each, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        using (_lock.Hold())
        {
            var kept = new List<string>();
            foreach (string prefix in _prefixes.ReadRelaxed()!)
            {
                StepCount.Add();
                if (removed.TryGetValue(prefix, out int count) && count > 0)
                    removed[prefix] = count - 1;
                else
                    kept.Add(prefix);
            }

            _prefixes.Write([.. kept]);
        }
    }

    public bool Cover(string key)
    {
        foreach (string prefix in _prefixes.Read()!)
        {
            StepCount.Add();
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
