using System.Globalization;
using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// Redis, over two connections of its own: one for the log, which may wait for replicas; one for values. Any thread.
/// </summary>
internal sealed class RedisCoherenceServer : ICoherenceServer
{
    private const int EntriesPerPage = 4096;
    private const int MaxPendingSets = 1000;
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    private readonly RedisCoherentCacheOptions _options;
    private readonly RedisKey[] _keys;
    private readonly RedisValue _mode;
    private readonly RedisValue _lease;
    private readonly RedisValue _logLength;
    private readonly RedisChannel _entries;
    private readonly RedisChannel _acknowledgements;
    private readonly RedisKey _valuePrefix;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile ConnectionMultiplexer? _log;
    private volatile ConnectionMultiplexer? _values;
    private int _pendingSets;
    private long _lookedAt;
    private bool _hasHandler;
    private bool _isSubscribed;
    private volatile bool _isDisposed;

    public RedisCoherenceServer(RedisCoherentCacheOptions options)
    {
        _options = options;
        string tag = $"{{{options.KeyPrefix}}}"; // In braces: on a cluster all of it is in one slot.
        _keys = [tag + ":state", tag + ":log"];
        _mode = options.Mode == RedisCoherenceMode.Strict ? "s" : "b";
        _lease = (long)options.LeaseDuration.TotalMilliseconds;
        _logLength = options.LogLength;
        _entries = RedisChannel.Literal(tag + ":entries");
        _acknowledgements = RedisChannel.Literal(tag + ":acknowledgements");
        _valuePrefix = options.KeyPrefix + ":value:";
    }

    public event Action<string, PlacedEntry>? Pushed;

    public event Action<string, string, long>? Acknowledged;

    public event Action? Reconnected;

    public async Task StartAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await ConnectAsync().WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        if (!_log!.IsConnected)
            throw new IOException("No server answers.");
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_log is { } log)
            await log.DisposeAsync().ConfigureAwait(false);
        if (_values is { } values)
            await values.DisposeAsync().ConfigureAwait(false);
    }

    public async Task<SyncReply> SyncAsync(string node, CachePosition? position, bool withPolicy, TimeSpan limit)
    {
        (RedisResult[] reply, bool isReplicated) = await RunAsync(
            Scripts.Sync,
            [node, position?.Epoch ?? "", position?.Sequence ?? 0, EntriesPerPage, withPolicy ? "1" : "0", (string)_acknowledgements!],
            WaitsForReplicas,
            limit).ConfigureAwait(false);
        RedisResult[] scopes = (RedisResult[])reply[8]!;
        return new SyncReply
        {
            Epoch = (string)reply[0]!,
            Sequence = (long)reply[1],
            First = (long)reply[2],
            IsSettled = (string)reply[3]! == "1",
            Replicas = (int)reply[4],
            IsReplicated = isReplicated,
            EvictionPolicy = (string)reply[5]!,
            ServerTime = (long)reply[6],
            Entries = [.. ((RedisResult[])reply[7]!).Select(ReadEntry)],
            Scopes = [.. scopes.Chunk(2).Select(each => new OpenScope((string)each[0]!, (byte[])each[1]!))],
        };
    }

    public async Task<AppendReply> AppendAsync(LogEntry entry, TimeSpan limit)
    {
        string operation = entry.Kind switch
        {
            LogEntryKind.ScopeStart => "start",
            LogEntryKind.ScopeEnd => "end",
            _ => "",
        };
        (RedisResult[] reply, bool isReplicated) = await RunAsync(
            Scripts.Append,
            [
                _logLength, (string)_entries!, entry.ToBytes(), operation, entry.Scope, (long)_options.MaxScopeDuration.TotalMilliseconds,
            ],
            WaitsForReplicas,
            limit).ConfigureAwait(false);
        return new AppendReply
        {
            Epoch = (string)reply[0]!,
            Sequence = (long)reply[1],
            IsSettled = (string)reply[2]! == "1",
            Replicas = (int)reply[3],
            IsReplicated = isReplicated,
            HadScope = (int)reply[4] == 1,
            Holders = ReadHolders(reply[5]),
        };
    }

    public Task ExpireScopeAsync(string scope, TimeSpan limit) =>
        RunAsync(Scripts.ExpireScope, [_logLength, (string)_entries!, scope], waitForReplicas: false, limit);

    public async Task<(string Epoch, IReadOnlyList<LeaseHolder> Holders)> ReadHoldersAsync(TimeSpan limit)
    {
        (RedisResult[] reply, _) = await RunAsync(Scripts.ReadHolders, [], waitForReplicas: false, limit).ConfigureAwait(false);
        return ((string)reply[0]!, ReadHolders(reply[1]));
    }

    public Task ExpelAsync(string epoch, IReadOnlyList<LeaseHolder> holders, TimeSpan limit) => RunAsync(
        Scripts.Expel,
        [epoch, .. holders.SelectMany(each => (RedisValue[])[each.Node, each.Renewals])],
        waitForReplicas: false,
        limit);

    public Task SettleAsync(string epoch, TimeSpan limit) => RunAsync(Scripts.SettleEpoch, [epoch], waitForReplicas: false, limit);

    public async Task<byte[]?> GetAsync(string key, TimeSpan limit)
    {
        if (_values is not { IsConnected: true } values)
            return null;
        Task<RedisValue> get = values.GetDatabase().StringGetAsync(ValueKey(key));
        return await (get.IsCompleted ? get : get.WaitAsync(limit)).ConfigureAwait(false);
    }

    public void Set(string key, byte[] value, TimeSpan expiration)
    {
        if (_values is not { IsConnected: true } values)
            return;
        if (Interlocked.Increment(ref _pendingSets) > MaxPendingSets)
        {
            Interlocked.Decrement(ref _pendingSets);
            return;
        }

        Task set = values.GetDatabase().StringSetAsync(ValueKey(key), value, expiration);
        _ = set.ContinueWith(
            done =>
            {
                _ = done.Exception;
                Interlocked.Decrement(ref _pendingSets);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private bool WaitsForReplicas => _options is { Mode: RedisCoherenceMode.Strict, Replicas: > 0 };

    private RedisKey ValueKey(string key) => _valuePrefix.Append(key);

    private async Task ConnectAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_values is not null && Volatile.Read(ref _isSubscribed))
            return;
        await _connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            _log ??= await ConnectionMultiplexer.ConnectAsync(OptionsOf(isLog: true)).ConfigureAwait(false);
            if (!_hasHandler)
                _log.ConnectionRestored += (_, _) => Reconnected?.Invoke();
            _hasHandler = true;
            _values ??= await ConnectionMultiplexer.ConnectAsync(OptionsOf(isLog: false)).ConfigureAwait(false);
            if (!_isSubscribed && _log.IsConnected)
                await SubscribeAsync(_log.GetSubscriber()).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Commands of the log are not queued while there is no connection: the caller tries again, with what is true then.</summary>
    private ConfigurationOptions OptionsOf(bool isLog)
    {
        ConfigurationOptions options = _options.Redis.Clone();
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AllowAdmin |= isLog && WaitsForReplicas; // CLIENT ID is one of these commands.
        return options;
    }

    private async Task SubscribeAsync(ISubscriber subscriber)
    {
        ChannelMessageQueue entries = await subscriber.SubscribeAsync(_entries).ConfigureAwait(false);
        entries.OnMessage(message => OnEntry(message.Message));
        ChannelMessageQueue acknowledgements = await subscriber.SubscribeAsync(_acknowledgements).ConfigureAwait(false);
        acknowledgements.OnMessage(message => OnAcknowledgement(message.Message));
        Volatile.Write(ref _isSubscribed, true);
    }

    private void OnEntry(RedisValue message)
    {
        ReadOnlySpan<byte> rest = (byte[])message!;
        string epoch = NextWord(ref rest);
        if (long.TryParse(NextWord(ref rest), CultureInfo.InvariantCulture, out long sequence)
            && long.TryParse(NextWord(ref rest), CultureInfo.InvariantCulture, out long time))
            Pushed?.Invoke(epoch, new PlacedEntry(sequence, time, rest.ToArray()));
    }

    private void OnAcknowledgement(RedisValue message)
    {
        ReadOnlySpan<byte> rest = (byte[])message!;
        string epoch = NextWord(ref rest);
        string node = NextWord(ref rest);
        if (long.TryParse(NextWord(ref rest), CultureInfo.InvariantCulture, out long sequence))
            Acknowledged?.Invoke(epoch, node, sequence);
    }

    private static string NextWord(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return System.Text.Encoding.ASCII.GetString(word);
    }

    private async Task<(RedisResult[] Reply, bool IsReplicated)> RunAsync(
        string script, RedisValue[] arguments, bool waitForReplicas, TimeSpan limit)
    {
        RedisValue[] all = [Guid.NewGuid().ToString("N"), _mode, _lease, .. arguments];
        Task<(RedisResult Reply, bool IsReplicated)> run = waitForReplicas ? RunAndWaitAsync(script, all, limit) : RunAsync(script, all);
        RedisResult[] reply;
        bool isReplicated;
        try
        {
            (RedisResult result, isReplicated) = await run.WaitAsync(limit).ConfigureAwait(false);
            reply = (RedisResult[])result!;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LookForPrimary();
            throw;
        }

        if (reply.Length == 3 && (string?)reply[0] == "mismatch")
        {
            throw new UnmetAssumptionException(
                $"The nodes of a cache have the same mode and lease. '{_options.KeyPrefix}' has the mode {((string)reply[1]! == "s"
                    ? RedisCoherenceMode.Strict : RedisCoherenceMode.Bounded)} and a lease of {(long)reply[2]} ms.");
        }

        return (reply, isReplicated);
    }

    private async Task<(RedisResult Reply, bool IsReplicated)> RunAsync(string script, RedisValue[] arguments)
    {
        await ConnectAsync().ConfigureAwait(false);
        return (await _log!.GetDatabase().ScriptEvaluateAsync(script, _keys, arguments).ConfigureAwait(false), true);
    }

    /// <summary>
    /// WAIT counts what its own connection has written. So all of it is sent at once, between two questions for the connection's id.
    /// </summary>
    private async Task<(RedisResult Reply, bool IsReplicated)> RunAndWaitAsync(string script, RedisValue[] arguments, TimeSpan limit)
    {
        await ConnectAsync().ConfigureAwait(false);
        IBatch batch = _log!.GetDatabase().CreateBatch();
        Task<RedisResult> before = batch.ExecuteAsync("CLIENT", "ID");
        Task<RedisResult> run = batch.ScriptEvaluateAsync(script, _keys, arguments);
        Task<RedisResult> wait = batch.ExecuteAsync("WAIT", _options.Replicas, Math.Max(1, (long)(limit.TotalMilliseconds / 2)));
        Task<RedisResult> after = batch.ExecuteAsync("CLIENT", "ID");
        batch.Execute();
        await Task.WhenAll(before, run, wait, after).ConfigureAwait(false);
        if ((long)await before.ConfigureAwait(false) != (long)await after.ConfigureAwait(false))
            throw new IOException("The connection was lost before the replicas were counted.");
        return (await run.ConfigureAwait(false), (long)await wait.ConfigureAwait(false) >= _options.Replicas);
    }

    /// <summary>Another server may have been promoted. Not more often than <see cref="s_betweenLooks"/>.</summary>
    private void LookForPrimary()
    {
        long last = Interlocked.Read(ref _lookedAt);
        long now = Environment.TickCount64;
        if (now - last < s_betweenLooks.TotalMilliseconds || Interlocked.CompareExchange(ref _lookedAt, now, last) != last)
            return;
        foreach (ConnectionMultiplexer? connection in (ConnectionMultiplexer?[])[_log, _values])
            _ = connection?.ConfigureAsync().ContinueWith(static done => _ = done.Exception, TaskScheduler.Default);
    }

    private static PlacedEntry ReadEntry(RedisResult result)
    {
        var parts = (RedisResult[])result!;
        var fields = (RedisResult[])parts[1]!;
        string id = (string)parts[0]!;
        return new PlacedEntry(
            long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture),
            (long)fields[3],
            (byte[])fields[1]!);
    }

    private static List<LeaseHolder> ReadHolders(RedisResult result) =>
    [
        .. ((RedisResult[])result!).Chunk(2).Select(each =>
        {
            string[] numbers = ((string)each[1]!).Split(' ');
            return new LeaseHolder(
                (string)each[0]!,
                long.Parse(numbers[0], CultureInfo.InvariantCulture),
                long.Parse(numbers[1], CultureInfo.InvariantCulture));
        }),
    ];
}
