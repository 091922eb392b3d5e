using MmuNotifier.Caching.Redis;

namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>Redis, with a connection that can be cut at once, and a gate for the next value.</summary>
internal sealed class RacedServer : ICoherenceServer
{
    private readonly ICoherenceServer _server;
    private volatile bool _isCut;
    private volatile LevelGate? _gate;

    public RacedServer(ICoherenceServer server)
    {
        _server = server;
        server.Pushed += (epoch, entry) =>
        {
            if (!_isCut)
                Pushed?.Invoke(epoch, entry);
        };
        server.Acknowledged += (epoch, node, sequence) =>
        {
            if (!_isCut)
                Acknowledged?.Invoke(epoch, node, sequence);
        };
        server.Reconnected += () => Reconnected?.Invoke();
    }

    public event Action<string, PlacedEntry>? Pushed;

    public event Action<string, string, long>? Acknowledged;

    public event Action? Reconnected;

    /// <summary>Whether the node cannot ask for the log; it can append.</summary>
    public bool FailsSyncs { get; set; }

    /// <summary>Called when an entry has been appended, before the node knows.</summary>
    public Func<Task>? AfterAppend { get; set; }

    public void Cut() => _isCut = true;

    public void Mend()
    {
        _isCut = false;
        Reconnected?.Invoke();
    }

    public LevelGate HoldNextValue() => _gate = new LevelGate();

    public Task StartAsync(TimeSpan limit, CancellationToken cancellationToken) => _server.StartAsync(limit, cancellationToken);

    public Task<SyncReply> SyncAsync(string node, CachePosition? position, bool withPolicy, TimeSpan limit) =>
        FailsSyncs ? throw new IOException("cut") : RunAsync(() => _server.SyncAsync(node, position, withPolicy, limit));

    public async Task<AppendReply> AppendAsync(LogEntry entry, TimeSpan limit)
    {
        AppendReply reply = await RunAsync(() => _server.AppendAsync(entry, limit)).ConfigureAwait(false);
        if (AfterAppend is { } after)
            await after().ConfigureAwait(false);
        return reply;
    }

    public Task ExpireScopeAsync(string scope, TimeSpan limit) => _server.ExpireScopeAsync(scope, limit);

    public Task<(string Epoch, IReadOnlyList<LeaseHolder> Holders)> ReadHoldersAsync(TimeSpan limit) => _server.ReadHoldersAsync(limit);

    public Task ExpelAsync(string epoch, IReadOnlyList<LeaseHolder> holders, TimeSpan limit) =>
        _server.ExpelAsync(epoch, holders, limit);

    public Task SettleAsync(string epoch, TimeSpan limit) => _server.SettleAsync(epoch, limit);

    public async ValueTask<byte[]?> GetAsync(string key, TimeSpan limit)
    {
        byte[]? value = await RunAsync(() => _server.GetAsync(key, limit).AsTask()).ConfigureAwait(false);
        if (_gate is { } gate)
        {
            _gate = null;
            gate.Enter();
            await gate.Released.ConfigureAwait(false);
        }

        return value;
    }

    public void Set(string key, ReadOnlyMemory<byte> value, TimeSpan expiration)
    {
        if (!_isCut)
            _server.Set(key, value, expiration);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>An answer that comes after the cut is lost as well.</summary>
    private async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        if (_isCut)
            throw new IOException("cut");
        T answer = await call().ConfigureAwait(false);
        return _isCut ? throw new IOException("cut") : answer;
    }
}
