namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The log, the list of holders, and the values in Redis. Each call is one step on the server. Any call may fail; then it is not known
/// whether the server has made the step, and the server may even make it after the caller has given up.
/// </summary>
internal interface ICoherenceServer : IAsyncDisposable
{
    /// <summary>An entry that was appended: epoch and entry. May be lost, and comes on any thread.</summary>
    event Action<string, PlacedEntry>? Pushed;

    /// <summary>How far a node has applied the log: epoch, node, sequence. May be lost, and comes on any thread.</summary>
    event Action<string, string, long>? Acknowledged;

    /// <summary>There is a connection again: what was pushed meanwhile is lost.</summary>
    event Action? Reconnected;

    /// <summary>Connects. If it cannot reach the server within the time it throws, and continues to try.</summary>
    Task StartAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Asks for the log after a position, and for a lease.</summary>
    /// <param name="node">The node that asks.</param>
    /// <param name="position">How far it has applied the log; null if it does not know the epoch.</param>
    /// <param name="withPolicy">Whether to look up the policy.</param>
    /// <param name="limit">How long to wait.</param>
    Task<SyncReply> SyncAsync(string node, CachePosition? position, bool withPolicy, TimeSpan limit);

    /// <summary>Appends an entry; one that ends a scope is appended whether or not the scope is still open.</summary>
    Task<AppendReply> AppendAsync(LogEntry entry, TimeSpan limit);

    /// <summary>Ends a scope that is still open, by an entry of the log.</summary>
    Task ExpireScopeAsync(string scope, TimeSpan limit);

    /// <summary>The holders now, and their epoch.</summary>
    Task<(string Epoch, IReadOnlyList<LeaseHolder> Holders)> ReadHoldersAsync(TimeSpan limit);

    /// <summary>Removes from the list those of the holders that have not renewed their leases since the list was read.</summary>
    Task ExpelAsync(string epoch, IReadOnlyList<LeaseHolder> holders, TimeSpan limit);

    /// <summary>Says that all leases of epochs before this one have ended.</summary>
    Task SettleAsync(string epoch, TimeSpan limit);

    ValueTask<byte[]?> GetAsync(string key, TimeSpan limit);

    /// <summary>Does not wait for the server.</summary>
    void Set(string key, ReadOnlyMemory<byte> value, TimeSpan expiration);
}
