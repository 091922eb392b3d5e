using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// Redis, over two connections of its own: one for the log, whose commands may wait for replicas, and one for values. May be used from any
/// thread.
/// </summary>
internal sealed class RedisCoherenceServer : ICoherenceServer
{
    private const int EntriesPerPage = 4096;

    /// <summary>At most this many values wait to be stored; further ones are dropped.</summary>
    private const int MaxPendingSets = 1000;

    /// <summary>One set in so many waits for its answer; the others do not, which costs less.</summary>
    private const int SetsForAnswer = 32;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    private readonly RedisCoherentCacheOptions _options;
    private readonly RedisKey[] _keys;
    private readonly RedisValue _mode;
    private readonly RedisValue _lease;
    private readonly RedisValue _logLength;
    private readonly RedisChannel _entries;
    private readonly RedisChannel _acknowledgements;

    /// <summary>As bytes: it would be encoded again for each key.</summary>
    private readonly RedisKey _valuePrefix;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile ConnectionMultiplexer? _log;
    private volatile ConnectionMultiplexer? _values;
    private long _sets;
    private long _answeredSets;

    /// <summary>Whether values are on several servers, as on a cluster. Their answers come in no fixed order, so each is awaited.</summary>
    private volatile bool _answersApart;
    private long _lookedAt;
    private bool _hasHandler;
    private bool _isSubscribed;
    private volatile bool _isDisposed;

    public RedisCoherenceServer(RedisCoherentCacheOptions options)
    {
        _options = options;
        string tag = $"{{{options.KeyPrefix}}}"; // The braces keep state and log in one slot of a cluster.
        _keys = [tag + ":state", tag + ":log"];
        _mode = options.Mode == RedisCoherenceMode.Strict ? "s" : "b";
        _lease = (long)options.LeaseDuration.TotalMilliseconds;
        _logLength = options.LogLength;
        _entries = RedisChannel.Literal(tag + ":entries");
        _acknowledgements = RedisChannel.Literal(tag + ":acknowledgements");
        _valuePrefix = Encoding.UTF8.GetBytes(options.KeyPrefix + ":value:");
    }

    public event Action<string, PlacedEntry>? Pushed;

    public event Action<string, string, long>? Acknowledged;

    public event Action? Reconnected;

    public async Task StartAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await ConnectAsync().WithinAsync(limit, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        Interlocked.MemoryBarrier(); // Either this call finds a connection, or ConnectAsync finds that the server is disposed.
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
        [epoch, .. holders.SelectMany(each => (RedisValue[])[each.Node, each.Renewal])],
        waitForReplicas: false,
        limit);

    public Task SettleAsync(string epoch, TimeSpan limit) => RunAsync(Scripts.SettleEpoch, [epoch], waitForReplicas: false, limit);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<byte[]?> GetAsync(string key, TimeSpan limit)
    {
        if (_values is not { IsConnected: true } values)
            return null;
        return await values.GetDatabase().StringGetAsync(ValueKey(key)).WithinAsync(limit).ConfigureAwait(false);
    }

    public void Set(string key, ReadOnlyMemory<byte> value, TimeSpan expiration)
    {
        if (_values is not { IsConnected: true } values)
            return;
        if (Volatile.Read(ref _sets) - Volatile.Read(ref _answeredSets) >= MaxPendingSets)
            return;
        long number = Interlocked.Increment(ref _sets);
        if (_answersApart || number % SetsForAnswer == 0)
            _ = SetAnsweredAsync(values.GetDatabase(), key, value, expiration, number);
        else
            _ = values.GetDatabase().StringSetAsync(ValueKey(key), value, expiration, flags: CommandFlags.FireAndForget);
    }

    /// <summary>
    /// One connection answers in order: once this set is answered, all earlier ones are answered or lost. A set that fails counts as
    /// answered.
    /// </summary>
    private async Task SetAnsweredAsync(IDatabase database, string key, ReadOnlyMemory<byte> value, TimeSpan expiration, long number)
    {
        try
        {
            await database.StringSetAsync(ValueKey(key), value, expiration).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The value is not stored: the next lookup elsewhere loads it.
        }

        long known = Volatile.Read(ref _answeredSets);
        while (known < number && Interlocked.CompareExchange(ref _answeredSets, number, known) is var seen && seen != known)
            known = seen;
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
            await RequireNotDisposedAsync(_log).ConfigureAwait(false);
            if (!_hasHandler)
                _log.ConnectionRestored += (_, _) => Reconnected?.Invoke();
            _hasHandler = true;
            if (!_isSubscribed)
                await _log.GetDatabase().PingAsync().ConfigureAwait(false); // Says why it is not connected.
            _values ??= await ConnectionMultiplexer.ConnectAsync(OptionsOf(isLog: false)).ConfigureAwait(false);
            await RequireNotDisposedAsync(_values).ConfigureAwait(false);
            _answersApart = _values.GetEndPoints().Length > 1;
            if (!_isSubscribed && _log.IsConnected)
                await SubscribeAsync(_log.GetSubscriber()).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>After the connection can be found. The end of the server may have come while it was made.</summary>
    private async ValueTask RequireNotDisposedAsync(ConnectionMultiplexer made)
    {
        Interlocked.MemoryBarrier();
        if (!_isDisposed)
            return;
        await made.DisposeAsync().ConfigureAwait(false);
        ObjectDisposedException.ThrowIf(true, this);
    }

    /// <summary>Without a connection, commands to the log fail at once. A queue would send them with old arguments.</summary>
    private ConfigurationOptions OptionsOf(bool isLog)
    {
        ConfigurationOptions options = _options.Redis.Clone();
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ChannelPrefix = default; // Scripts publish without it.
        options.AllowAdmin |= isLog && WaitsForReplicas; // CLIENT ID is an admin command.
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
        return Encoding.ASCII.GetString(word);
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
            (RedisResult result, isReplicated) = await run.WithinAsync(limit).ConfigureAwait(false);
            reply = (RedisResult[])result!;
        }
        catch (Exception) when (!_isDisposed)
        {
            LookForPrimary();
            throw;
        }

        if (reply.Length == 3 && (string?)reply[0] == "mismatch")
        {
            RedisCoherenceMode mode = (string)reply[1]! == "s" ? RedisCoherenceMode.Strict : RedisCoherenceMode.Bounded;
            throw new UnmetAssumptionException(
                $"All nodes of a cache must have the same mode and lease. In Redis, '{_options.KeyPrefix}' has the mode {mode} and a lease "
                + $"of {(long)reply[2]} ms.");
        }

        return (reply, isReplicated);
    }

    private async Task<(RedisResult Reply, bool IsReplicated)> RunAsync(string script, RedisValue[] arguments)
    {
        await ConnectAsync().ConfigureAwait(false);
        return (await _log!.GetDatabase().ScriptEvaluateAsync(script, _keys, arguments).ConfigureAwait(false), true);
    }

    /// <summary>
    /// WAIT counts what its own connection has written. So the script, the WAIT, and a CLIENT ID before and after them go to the server
    /// that has the keys, on one connection; equal ids prove that it was one. A redirected script would run on another server than the
    /// WAIT: it fails instead.
    /// </summary>
    private async Task<(RedisResult Reply, bool IsReplicated)> RunAndWaitAsync(string script, RedisValue[] arguments, TimeSpan limit)
    {
        await ConnectAsync().ConfigureAwait(false);
        IServer server = _log!.GetServer(_keys[0], flags: CommandFlags.DemandMaster);
        long milliseconds = Math.Max(1, (long)(limit.TotalMilliseconds / 2));
        Task<RedisResult> before = SendAsync("CLIENT", "ID");
        Task<RedisResult> run = SendAsync("EVAL", [script, _keys.Length, .. _keys, .. arguments]);
        Task<RedisResult> wait = SendAsync("WAIT", _options.Replicas, milliseconds);
        Task<RedisResult> after = SendAsync("CLIENT", "ID");
        await Task.WhenAll(before, run, wait, after).ConfigureAwait(false);
        if ((long)await before.ConfigureAwait(false) != (long)await after.ConfigureAwait(false))
            throw new IOException("The connection was lost before the replicas were counted.");
        return (await run.ConfigureAwait(false), (long)await wait.ConfigureAwait(false) >= _options.Replicas);

        // Async, so that it throws nothing: a task that has begun is awaited.
        async Task<RedisResult> SendAsync(string command, params object[] words) =>
            await server.ExecuteAsync(command, words, CommandFlags.NoRedirect).ConfigureAwait(false);
    }

    /// <summary>Looks for another primary, because one may have been promoted; at most once every <see cref="s_betweenLooks"/>.</summary>
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
