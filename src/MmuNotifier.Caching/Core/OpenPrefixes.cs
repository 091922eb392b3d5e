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

    /// <summary>One of each scope. Replaced under the lock.</summary>
    private AtomicReference<PrefixSet[]> _sets;

    public OpenPrefixes() => _sets.Write([]);

    public void Add(PrefixSet prefixes)
    {
        using (_lock.Hold())
            _sets.Write([.. _sets.ReadRelaxed()!, prefixes]);
    }

    public void Remove(PrefixSet prefixes)
    {
        using (_lock.Hold())
        {
            var kept = new List<PrefixSet>();
            foreach (PrefixSet each in _sets.ReadRelaxed()!)
            {
                StepCount.Add();
                if (!ReferenceEquals(each, prefixes))
                    kept.Add(each);
            }

            _sets.Write([.. kept]);
        }
    }

    public bool Cover(string key)
    {
        foreach (PrefixSet prefixes in _sets.Read()!)
        {
            if (prefixes.Covers(key))
                return true;
        }

        return false;
    }
}
