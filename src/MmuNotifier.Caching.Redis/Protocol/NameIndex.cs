namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The last invalidation of each name, for as many as are remembered: it decides whether a value from Redis is still good. Any thread.
/// </summary>
/// <remarks>
/// An entry of the log is recorded here before it is applied to what is kept. So a load that asks after its section has begun finds it
/// here, or collides with it.
/// </remarks>
internal sealed class NameIndex(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CacheName, long> _last = [];
    private readonly Queue<(CacheName Name, long Sequence)> _order = new();

    /// <summary>How many prefixes there are of each length.</summary>
    private readonly SortedDictionary<int, int> _prefixLengths = [];

    private string _epoch = "";
    private long _floor;

    /// <summary>Forgets everything. From now on it knows the invalidations of the epoch that come after the floor.</summary>
    public void Restart(string epoch, long floor)
    {
        lock (_lock)
        {
            _last.Clear();
            _order.Clear();
            _prefixLengths.Clear();
            _epoch = epoch;
            _floor = floor;
        }
    }

    /// <returns>False if it knows another epoch: nothing is recorded.</returns>
    public bool Record(string epoch, long sequence, ReadOnlySpan<CacheName> names)
    {
        lock (_lock)
        {
            if (epoch != _epoch)
                return false;
            foreach (CacheName name in names)
            {
                if (!_last.TryGetValue(name, out long known))
                    CountPrefix(name, 1);
                if (sequence <= known)
                    continue;
                _last[name] = sequence;
                _order.Enqueue((name, sequence));
            }

            while (_order.Count > capacity)
                DropOldest();
            return true;
        }
    }

    /// <summary>Whether it is known that none of the names was invalidated after the position.</summary>
    public bool Proves(CachePosition since, string key, ReadOnlySpan<string> tags)
    {
        lock (_lock)
        {
            if (since.Epoch != _epoch || since.Sequence < _floor || IsNewer(CacheName.Key(key), since))
                return false;
            foreach (string tag in tags)
            {
                if (IsNewer(CacheName.Tag(tag), since))
                    return false;
            }

            if (_prefixLengths.Count == 0)
                return true;
            foreach (int length in _prefixLengths.Keys)
            {
                if (length > key.Length)
                    break;
                if (IsNewer(CacheName.Prefix(key[..length]), since))
                    return false;
            }

            return true;
        }
    }

    private bool IsNewer(CacheName name, CachePosition since) => _last.TryGetValue(name, out long last) && last > since.Sequence;

    private void DropOldest()
    {
        (CacheName name, long sequence) = _order.Dequeue();
        _floor = Math.Max(_floor, sequence);
        if (_last.TryGetValue(name, out long last) && last == sequence)
        {
            _last.Remove(name);
            CountPrefix(name, -1);
        }
    }

    private void CountPrefix(CacheName name, int change)
    {
        if (name.Kind != CacheNameKind.Prefix)
            return;
        int length = name.Text.Length;
        int count = _prefixLengths.GetValueOrDefault(length) + change;
        if (count == 0)
            _prefixLengths.Remove(length);
        else
            _prefixLengths[length] = count;
    }
}
