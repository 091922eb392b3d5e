using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// One node: it applies the log to what is kept here, and has a lease while it does. docs/caching-redis.md has the rules.
/// </summary>
/// <remarks>
/// One loop applies entries and extends the lease. What others see of it is ordered: the names of an entry are recorded in the index, then
/// removed from the local cache, then the position is published, then the lease is extended.
/// </remarks>
internal sealed class CoherenceNode : IAsyncDisposable
{
    private const int PushedLimit = 1024;

    /// <summary>A pause between the readings of two clocks is no jump.</summary>
    private static readonly TimeSpan s_leastJump = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan s_retryPause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan s_learnPause = TimeSpan.FromMilliseconds(5);

    private readonly RedisCoherentCacheOptions _options;
    private readonly ICoherenceServer _server;
    private readonly CoherentCache _local;
    private readonly ILogger _logger;
    private readonly RedisCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ClockJumpDetector _jumps;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _ownLock = new();

    /// <summary>Guarded by <see cref="_ownLock"/>.</summary>
    private readonly HashSet<long> _ownApplied = [];

    /// <summary>Null: look at the server. Dropped ones are found as a gap.</summary>
    private readonly Channel<(string Epoch, PlacedEntry Entry)?> _pushed =
        Channel.CreateBounded<(string, PlacedEntry)?>(
            new BoundedChannelOptions(PushedLimit) { FullMode = BoundedChannelFullMode.DropOldest });

    private volatile CachePosition? _position;
    private volatile Exception? _failure;
    private Task _loop = Task.CompletedTask;
    private volatile UnsettledEpoch? _unsettled;
    private int _isStarted;

    /// <summary>From this node's clock to the server's, in microseconds. Written by the loop.</summary>
    private double _serverOffset;

    // Of the loop alone.
    private int _syncs;
    private bool _isReported;

    public CoherenceNode(
        RedisCoherentCacheOptions options, ICoherenceServer server, CoherentCache local, RedisCacheMetrics metrics, ILogger logger)
    {
        _options = options;
        _server = server;
        _local = local;
        _metrics = metrics;
        _logger = logger;
        _time = options.Local.TimeProvider;
        Lease = new NodeLease(_time, options.LeaseDuration);
        Index = new NameIndex(options.LogLength);
        Scopes = new ScopeTable(local, _time);
        TimeSpan quarter = options.LeaseDuration / 4;
        _jumps = new ClockJumpDetector(_time, quarter > s_leastJump ? quarter : s_leastJump);
        server.Pushed += (epoch, entry) => _pushed.Writer.TryWrite((epoch, entry));
        server.Acknowledged += Acknowledgements.Note;
        server.Reconnected += Wake;
    }

    public string Id { get; } = Guid.NewGuid().ToString("N")[..16];

    public NodeLease Lease { get; }

    public NameIndex Index { get; }

    public ScopeTable Scopes { get; }

    public AcknowledgementBoard Acknowledgements { get; } = new();

    /// <summary>Everything up to it is applied. Null while nothing is known.</summary>
    public CachePosition? Position => _position;

    /// <summary>
    /// The server's clock in microseconds, as far as the last answer says. There was one if there is a position.
    /// </summary>
    public long ServerTime => (long)(Microseconds(_time.GetTimestamp()) + Volatile.Read(ref _serverOffset));

    /// <summary>Why there is no lease; null if nothing has failed.</summary>
    public Exception? Failure => _failure;

    /// <summary>How long a call to the server may take: a lease would be over soon after.</summary>
    public TimeSpan CallLimit => TimeSpan.FromMilliseconds(Math.Clamp(_options.LeaseDuration.TotalMilliseconds / 2, 100, 5000));

    /// <summary>A lease of any other node has ended after it, by this node's clock.</summary>
    public TimeSpan LeaseAndDrift => _options.LeaseDuration * (1 + _options.ClockDriftBound);

    /// <summary>What asks the server, until the node is disposed.</summary>
    internal Task Loop => _loop;

    /// <summary>Once: a cache may be started again after a start that failed.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            _loop = Task.Run(RunAsync);
    }

    /// <summary>Whether this node has known an epoch for so long that no lease from before it is left anywhere. Any thread.</summary>
    public bool HasSeenLeasesEnd(string epoch) =>
        _unsettled is { } unsettled && unsettled.Epoch == epoch && _time.GetElapsedTime(unsettled.SeenAt) > LeaseAndDrift;

    /// <summary>Makes the loop look at the server.</summary>
    public void Wake() => _pushed.Writer.TryWrite(null);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Wake();
        await _loop.ConfigureAwait(false);
        Lease.Drop();
        Scopes.EndAll();
        _stop.Dispose();
    }

    /// <summary>
    /// This node has applied an entry of its own, inside a local scope that is still open. The loop need not do it again. If the node has
    /// not known the epoch, it must learn of it first: it would judge values in Redis by the old one.
    /// </summary>
    /// <returns>Whether the node has the entry. If not, it could not reach the server in time, or has been disposed.</returns>
    public async Task<bool> NoteOwnAsync(string epoch, long sequence, CacheName[] names)
    {
        if (Index.Record(epoch, sequence, names))
        {
            lock (_ownLock)
            {
                if (_position is { } position && position.Epoch == epoch && sequence > position.Sequence)
                    _ownApplied.Add(sequence);
            }

            return true;
        }

        long start = _time.GetTimestamp();
        while (_position is not { } position || position.Epoch != epoch || position.Sequence < sequence)
        {
            if (_stop.IsCancellationRequested || _time.GetElapsedTime(start) > CallLimit)
                return false;
            Wake();
            await Task.Delay(s_learnPause, _time).ConfigureAwait(false);
        }

        return true;
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            bool isBehind = false;
            try
            {
                isBehind = await SynchroniseAsync().ConfigureAwait(false);
                NoteContact();
            }
            catch (Exception exception)
            {
                NoteFailure(exception);
            }

            try
            {
                if (!isBehind)
                    await WaitForWorkAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                NoteFailure(exception);
                _position = null; // What could not be applied is not skipped.
            }
        }
    }

    /// <summary>Asks for the log, applies it, and then has a lease from when it asked.</summary>
    /// <returns>Whether there is more, or something to acknowledge.</returns>
    internal async Task<bool> SynchroniseAsync()
    {
        if (_jumps.HasJumped(out TimeSpan difference))
        {
            RedisCacheLog.ClockJumped(_logger, _options.KeyPrefix, difference);
            Forget(ForgetReason.ClockJump);
        }

        CachePosition? known = _position;
        bool withPolicy = known is null || _failure is not null || _syncs++ % 8 == 0;
        long sentAt = Lease.Now;
        long sentTimestamp = _time.GetTimestamp();
        SyncReply reply = await _server.SyncAsync(Id, known, withPolicy, CallLimit).ConfigureAwait(false);
        NoteServerTime(reply.ServerTime, sentTimestamp);
        RequireAssumptions(reply);
        if (!reply.IsReplicated)
            throw new TimeoutException("A replica does not answer.");
        if (known is null || reply.Epoch != known.Epoch)
        {
            Begin(reply, known);
            known = _position!;
        }
        else
        {
            foreach (PlacedEntry entry in reply.Entries)
            {
                if (entry.Sequence <= known.Sequence)
                    continue;
                if (entry.Sequence != known.Sequence + 1)
                    break;
                known = Apply(known, entry);
            }

            bool isGap = reply.Sequence < known.Sequence || (reply.Entries.Count == 0 && reply.Sequence > known.Sequence)
                || (reply.Entries.Count > 0 && reply.Entries[0].Sequence > known.Sequence + 1);
            if (isGap)
            {
                RedisCacheLog.LogTrimmed(_logger, _options.KeyPrefix, known.Sequence, reply.First, reply.Sequence);
                Forget(ForgetReason.Gap);
                return true;
            }
        }

        if (reply.Sequence > known.Sequence)
            return true;
        Lease.Extend(sentAt);
        await SettleIfDueAsync(reply).ConfigureAwait(false);
        await EndOldScopesAsync().ConfigureAwait(false);
        return _options.Mode == RedisCoherenceMode.Strict && reply.Entries.Count > 0;
    }

    /// <summary>A new node begins where the log begins, so that it can judge values in Redis from then on.</summary>
    private void Begin(SyncReply reply, CachePosition? known)
    {
        if (known is not null)
            RedisCacheLog.EpochChanged(_logger, _options.KeyPrefix, known.Epoch, reply.Epoch);
        Forget(known is null ? ForgetReason.None : ForgetReason.Epoch);
        long start = _options.UseSecondLevel ? Math.Max(reply.First - 1, reply.Sequence - _options.LogLength) : reply.Sequence;
        start = Math.Clamp(start, 0, reply.Sequence);
        Index.Restart(reply.Epoch, start);
        foreach (OpenScope scope in reply.Scopes)
            Scopes.Start(scope.Id, LogEntry.Read(scope.Bytes).Names);
        _position = new CachePosition(reply.Epoch, start);
    }

    /// <summary>
    /// The lease first: no lookup that finds one later sees what was kept. Then the position: what is loaded from now on is not stored.
    /// Then what is kept, and what is being loaded.
    /// </summary>
    private void Forget(ForgetReason reason)
    {
        Lease.Drop();
        _position = null;
        lock (_ownLock)
            _ownApplied.Clear();
        _local.RemoveByPrefix("");
        Scopes.EndAll();
        Index.Restart("", 0);
        if (reason != ForgetReason.None)
            _metrics.NoteForgotten(reason);
    }

    private CachePosition Apply(CachePosition known, PlacedEntry placed)
    {
        var entry = LogEntry.Read(placed.Bytes);
        Index.Record(known.Epoch, placed.Sequence, entry.Names);
        bool isDone = TakeOwn(placed.Sequence);
        switch (entry.Kind)
        {
            case LogEntryKind.ScopeStart:
                Scopes.Start(entry.Scope, entry.Names);
                break;
            case LogEntryKind.ScopeEnd when Scopes.End(entry.Scope):
                break;
            default:
                if (!isDone)
                    _local.RemoveAll(entry.Names);
                break;
        }

        var position = new CachePosition(known.Epoch, placed.Sequence);
        lock (_ownLock)
        {
            _position = position;
            _ownApplied.Remove(placed.Sequence); // Noted since it was looked for.
        }

        if (entry.Node != Id)
            _metrics.NoteDelay(DelayOf(placed));
        return position;
    }

    private bool TakeOwn(long sequence)
    {
        lock (_ownLock)
            return _ownApplied.Remove(sequence);
    }

    /// <summary>Until something was pushed that leaves something to ask or to say, or a renewal is due.</summary>
    private async Task WaitForWorkAsync()
    {
        using var due = new CancellationTokenSource(_failure is null ? _options.LeaseDuration / 4 : s_retryPause, _time);
        try
        {
            while (true)
            {
                (string Epoch, PlacedEntry Entry)? pushed = await _pushed.Reader.ReadAsync(due.Token).ConfigureAwait(false);
                if (pushed is not { } next || _position is not { } known || next.Epoch != known.Epoch)
                    return;
                if (next.Entry.Sequence <= known.Sequence)
                    continue;
                if (next.Entry.Sequence != known.Sequence + 1)
                    return;
                Apply(known, next.Entry);
                if (_options.Mode == RedisCoherenceMode.Strict && _pushed.Reader.Count == 0)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // A renewal is due.
        }
    }

    private void RequireAssumptions(SyncReply reply)
    {
        string? unmet = Assumptions.FindUnmet(_options, reply);
        if (unmet is null)
            return;
        Lease.Drop();
        throw new UnmetAssumptionException(unmet);
    }

    /// <summary>When this node has waited a lease in an epoch, no lease from before it is left anywhere.</summary>
    private async Task SettleIfDueAsync(SyncReply reply)
    {
        if (reply.IsSettled || _options.Mode != RedisCoherenceMode.Strict)
            return;
        if (_unsettled?.Epoch != reply.Epoch)
            _unsettled = new UnsettledEpoch(reply.Epoch, _time.GetTimestamp());
        else if (HasSeenLeasesEnd(reply.Epoch))
            await _server.SettleAsync(reply.Epoch, CallLimit).ConfigureAwait(false);
    }

    private async Task EndOldScopesAsync()
    {
        if (Scopes.IsEmpty)
            return;
        foreach (string scope in Scopes.OlderThan(_options.MaxScopeDuration * (1 + _options.ClockDriftBound)))
            await _server.ExpireScopeAsync(scope, CallLimit).ConfigureAwait(false);
    }

    private sealed record UnsettledEpoch(string Epoch, long SeenAt);

    private void NoteContact()
    {
        if (_isReported)
            RedisCacheLog.Reached(_logger, _options.KeyPrefix);
        _isReported = false;
        _failure = null;
    }

    /// <summary>Reported once until it works again; the lease ends by itself.</summary>
    private void NoteFailure(Exception exception)
    {
        if (_stop.IsCancellationRequested)
            return;
        _metrics.NoteFailure();
        if (!_isReported && exception is UnmetAssumptionException)
            RedisCacheLog.AssumptionUnmet(_logger, _options.KeyPrefix, exception.Message);
        else if (!_isReported)
            RedisCacheLog.NotReached(_logger, _options.KeyPrefix, exception);
        _isReported = true;
        _failure = exception;
    }

    private void NoteServerTime(long serverTime, long sentTimestamp)
    {
        double middle = (Microseconds(sentTimestamp) + Microseconds(_time.GetTimestamp())) / 2;
        Volatile.Write(ref _serverOffset, serverTime - middle);
    }

    private TimeSpan DelayOf(PlacedEntry entry) =>
        TimeSpan.FromMicroseconds(Math.Max(0, ServerTime - entry.AppendedAt));

    private double Microseconds(long timestamp) => timestamp * (1e6 / _time.TimestampFrequency);
}
