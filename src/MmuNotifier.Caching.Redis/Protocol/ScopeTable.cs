namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The scopes that are open, of all nodes. Lookups of their names load alone. Changed by the thread that applies the log, and by this
/// node's own scopes; read by lookups without a lock.
/// </summary>
internal sealed class ScopeTable(CoherentCache local, TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile Open[] _open = [];

    public bool IsEmpty => _open.Length == 0;

    /// <summary>Harmless if it is open already.</summary>
    public void Start(string id, CacheName[] names)
    {
        lock (_lock)
        {
            if (_open.Any(each => each.Id == id))
                return;
            _open = [.. _open, new Open(id, new NameSet(names), local.StartInvalidation(names), time.GetTimestamp())];
        }
    }

    /// <summary>False if it is not open.</summary>
    public bool End(string id)
    {
        lock (_lock)
        {
            Open? open = _open.FirstOrDefault(each => each.Id == id);
            if (open is null)
                return false;
            open.Local.Dispose(); // Before lookups may keep again.
            _open = [.. _open.Where(each => each != open)];
            return true;
        }
    }

    public void EndAll()
    {
        foreach (Open open in _open)
            End(open.Id);
    }

    public bool Cover(string key, ReadOnlySpan<string> tags)
    {
        foreach (Open open in _open)
        {
            if (open.Names.Covers(key, tags))
                return true;
        }

        return false;
    }

    /// <summary>Those that are open for longer than a time.</summary>
    public IReadOnlyList<string> OlderThan(TimeSpan age) =>
        [.. _open.Where(each => time.GetElapsedTime(each.StartedAt) > age).Select(each => each.Id)];

    private sealed record Open(string Id, NameSet Names, CacheInvalidation Local, long StartedAt);
}
