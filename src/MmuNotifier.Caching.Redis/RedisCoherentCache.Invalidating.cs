using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis;

/// <content>Invalidations on all nodes: at once, and with a scope.</content>
public sealed partial class RedisCoherentCache
{
    /// <summary>
    /// Removes what the names name, on all nodes. Change the source first. When it returns, this node does not serve nor keep anything
    /// whose load began before this call; in strict mode, no node does. In bounded mode the others follow when the message has arrived,
    /// and at the latest after a lease.
    /// </summary>
    /// <param name="names">Keys, tags and prefixes, in any mixture.</param>
    /// <param name="cancellationToken">Gives up the wait: it is unknown then which nodes have the invalidation.</param>
    /// <remarks>
    /// In strict mode a node that does not answer delays it until that node's lease has ended, once. The wait is bounded by
    /// <see cref="RedisCoherentCacheOptions.InvalidationTimeout"/> plus, in strict mode, the lease and the drift.
    /// </remarks>
    /// <exception cref="InvalidationOutcomeUnknownException">
    /// Redis could not be reached in time, or has not as many replicas as it should. It is done on this node. Call again.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public async Task InvalidateAsync(IEnumerable<CacheName> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        RequireNotDisposed();
        CacheName[] all = [.. names.Distinct()];
        if (all.Length == 0)
            return;
        long start = _time.GetTimestamp();
        var entry = new LogEntry(LogEntryKind.Invalidation, _node.Id, "", all);
        using (_local.StartInvalidation(all))
        {
            AppendReply reply = await AppendAsync(entry, cancellationToken).ConfigureAwait(false);
            await WaitForOthersAsync(reply, cancellationToken).ConfigureAwait(false);
        }

        _metrics.NoteInvalidation(_time.GetElapsedTime(start));
    }

    /// <summary>As <see cref="InvalidateAsync"/>, of one key.</summary>
    /// <param name="key">As lookups name it.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <inheritdoc cref="InvalidateAsync" path="/exception"/>
    public Task RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        InvalidateAsync([CacheName.Key(key)], cancellationToken);

    /// <summary>As <see cref="InvalidateAsync"/>, of all values with the tag.</summary>
    /// <param name="tag">As loads name it.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <inheritdoc cref="InvalidateAsync" path="/exception"/>
    public Task RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        InvalidateAsync([CacheName.Tag(tag)], cancellationToken);

    /// <summary>As <see cref="InvalidateAsync"/>, of all keys that begin with the prefix; the empty one removes everything.</summary>
    /// <param name="prefix">See <see cref="CacheName.Prefix"/>.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <inheritdoc cref="InvalidateAsync" path="/exception"/>
    public Task RemoveByPrefixAsync(string prefix, CancellationToken cancellationToken = default) =>
        InvalidateAsync([CacheName.Prefix(prefix)], cancellationToken);

    /// <summary>
    /// Invalidates the key on all nodes and keeps a value here and in Redis. Use <see cref="GetOrLoadAsync{TState, T}"/> for what is read
    /// from the source.
    /// </summary>
    /// <typeparam name="T">The type that lookups name.</typeparam>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <param name="value">What has been written to the source. Callers get the same object; it must not be changed.</param>
    /// <param name="options">How the value is kept; null for the defaults of the cache.</param>
    /// <param name="tags">Tags of the value.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <returns>
    /// False if this node has not kept the value, because one of its names was invalidated meanwhile, for example. Nothing older is kept
    /// either.
    /// </returns>
    /// <inheritdoc cref="InvalidateAsync" path="/exception"/>
    public Task<bool> SetAsync<T>(
        string key,
        T value,
        CacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        SetAsync(key, value, new ObjectCodec<T>(_serializers), SecondLevelTerms.Of(options), options, tags, cancellationToken);

    /// <summary>
    /// Removes what the names name on all nodes, and keeps nothing under them until the scope is disposed: around a change of the source.
    /// While it is open, every lookup of these names on a node that knows of it calls its own loader. When the end has returned, item by
    /// item the same holds as after <see cref="InvalidateAsync"/>.
    /// </summary>
    /// <param name="names">Keys, tags and prefixes, in any mixture; at least one.</param>
    /// <param name="cancellationToken">Gives up the wait. A scope that Redis has opened all the same ends by itself.</param>
    /// <remarks>
    /// In strict mode, when this has returned, no node serves a value from before it, so nobody serves the old value once the source has
    /// changed. The scope may end by itself after <see cref="RedisCoherentCacheOptions.MaxScopeDuration"/>.
    /// </remarks>
    /// <inheritdoc cref="InvalidateAsync" path="/exception"/>
    public async Task<RedisCacheInvalidation> StartInvalidationAsync(
        IEnumerable<CacheName> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        RequireNotDisposed();
        CacheName[] all = [.. names.Distinct()];
        if (all.Length == 0)
            throw new ArgumentException("A scope has at least one name.", nameof(names));
        string id = Guid.NewGuid().ToString("N");
        long start = _time.GetTimestamp();
        AppendReply reply;
        _scopes.Start(id, all);
        try
        {
            reply = await AppendAsync(new LogEntry(LogEntryKind.ScopeStart, _node.Id, id, all), cancellationToken)
                .ConfigureAwait(false);
            await WaitForOthersAsync(reply, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _scopes.End(id);
            throw;
        }

        return new RedisCacheInvalidation(this, id, all, reply.Epoch, start);
    }

    /// <summary>Ends a scope, as an invalidation.</summary>
    internal async ValueTask EndAsync(RedisCacheInvalidation scope)
    {
        bool hasRunOut;
        using (_local.StartInvalidation(scope.Names))
        {
            bool mayHaveEnded = scope.MayHaveEnded;
            scope.MayHaveEnded = true;
            AppendReply reply = await AppendAsync(
                new LogEntry(LogEntryKind.ScopeEnd, _node.Id, scope.Id, scope.Names), CancellationToken.None).ConfigureAwait(false);
            bool wasOpen = reply.HadScope || ((mayHaveEnded || reply.IsRepeated) && reply.Epoch == scope.Epoch);
            _scopes.End(scope.Id);
            await WaitForOthersAsync(reply, CancellationToken.None).ConfigureAwait(false);
            hasRunOut = !wasOpen || _time.GetElapsedTime(scope.StartedAt) > _options.MaxScopeDuration;
        }

        if (hasRunOut)
        {
            throw new InvalidationOutcomeUnknownException(
                "The scope had ended before: it was open for longer than MaxScopeDuration, or Redis has lost it. Its names are invalidated "
                    + "now; meanwhile nodes may have served what the source had before its change.");
        }
    }

    internal async Task<bool> SetAsync<T>(
        string key,
        T value,
        ValueCodec<T> codec,
        SecondLevelTerms terms,
        CacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        RequireNotDisposed();
        string[] tagArray = tags?.ToArray() ?? [];
        CacheName[] names = [CacheName.Key(key)];
        AppendReply reply;
        using (_local.StartInvalidation(names))
        {
            var entry = new LogEntry(LogEntryKind.Invalidation, _node.Id, "", names);
            reply = await AppendAsync(entry, cancellationToken).ConfigureAwait(false);
            await WaitForOthersAsync(reply, cancellationToken).ConfigureAwait(false);
        }

        if (!_scopes.IsEmpty && _scopes.Cover(key, tagArray))
            return false;
        // An invalidation that came meanwhile is in the index, and one that comes from now on takes the value away.
        var position = new CachePosition(reply.Epoch, reply.Sequence);
        bool isKept = _local.Set(key, value, options, tagArray, () => _node.Index.Proves(position, key, tagArray));
        if (isKept)
            Store(key, tagArray, value, codec, terms, position);
        return isKept;
    }

    /// <summary>
    /// Appends an entry whose names are in an open scope of the local cache. When it has returned, this node has the entry.
    /// </summary>
    private async Task<AppendReply> AppendAsync(LogEntry entry, CancellationToken cancellationToken)
    {
        AppendReply reply = await TryToAppendAsync(entry, cancellationToken).ConfigureAwait(false);
        return await _node.NoteOwnAsync(reply.Epoch, reply.Sequence, entry.Names).ConfigureAwait(false)
            ? reply
            : throw Unknown(
                Volatile.Read(ref _isDisposed) != 0
                    ? "The cache was disposed meanwhile"
                    : "This node could not learn of the new epoch in time",
                _node.Failure);
    }

    /// <summary>Tries until the time is up. An entry that is appended twice does no harm.</summary>
    private async Task<AppendReply> TryToAppendAsync(LogEntry entry, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        Exception? last = null;
        for (bool isRepeated = false; ; isRepeated = true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan left = _options.InvalidationTimeout - _time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw Unknown(
                    last is RedisServerException
                        ? $"Redis has refused it for {_options.InvalidationTimeout} ({last.Message})"
                        : $"Redis could not be reached within {_options.InvalidationTimeout}",
                    last);
            }

            try
            {
                AppendReply reply = await _server.AppendAsync(entry, left).WithinAsync(left, cancellationToken).ConfigureAwait(false);
                if (_options.Mode == RedisCoherenceMode.Strict && reply.Replicas != _options.Replicas)
                    throw Unknown($"Redis has {reply.Replicas} replicas, and the options say {_options.Replicas}", null);
                if (reply.IsReplicated)
                    return reply with { IsRepeated = isRepeated };
                last = new TimeoutException("A replica does not answer.");
            }
            catch (Exception exception) when (
                exception is not InvalidationOutcomeUnknownException && !cancellationToken.IsCancellationRequested)
            {
                if (exception is not TimeoutException || last is null)
                    last = exception; // The time of the last try may be too short for an answer: the one before says more.
                if (exception is UnmetAssumptionException)
                    throw Unknown(exception.Message, exception);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static InvalidationOutcomeUnknownException Unknown(string why, Exception? last) => new(
        $"{why}. The invalidation is done on this node; whether it is done on the others is not known. Call again.", last);

    /// <summary>
    /// Until each node that had a lease has acknowledged the entry, or a lease and the drift have passed since the server had appended it.
    /// A node that asks for a lease later gets one only after it has applied the entry.
    /// </summary>
    private async Task WaitForOthersAsync(AppendReply reply, CancellationToken cancellationToken)
    {
        if (_options.Mode != RedisCoherenceMode.Strict)
            return;
        long start = _time.GetTimestamp();
        AcknowledgementBoard board = _node.Acknowledgements;
        AcknowledgementWait wait = board.Begin(reply.Epoch, reply.Sequence, reply.Holders.Where(each => each.Node != _node.Id));
        try
        {
            TimeSpan poll = TimeSpan.FromMilliseconds(Math.Clamp(_options.LeaseDuration.TotalMilliseconds / 20, 10, 100));
            while (true)
            {
                bool isSettled = reply.IsSettled || _node.HasSeenLeasesEnd(reply.Epoch);
                if (isSettled && wait.Done.IsCompleted)
                    return;
                TimeSpan left = _node.LeaseAndDrift - _time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    await ExpelAsync(reply.Epoch, board.SilentOf(wait)).ConfigureAwait(false);
                    return;
                }

                TimeSpan pause = left < poll ? left : poll;
                var paused = Task.Delay(pause, _time, cancellationToken);
                await (isSettled ? Task.WhenAny(wait.Done, paused) : paused).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (!wait.Done.IsCompleted)
                    await LookForAcknowledgementsAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            board.End(wait);
        }
    }

    /// <summary>In case the messages are lost.</summary>
    private async Task LookForAcknowledgementsAsync()
    {
        try
        {
            (string epoch, IReadOnlyList<LeaseHolder> holders) = await _server.ReadHoldersAsync(_node.CallLimit).ConfigureAwait(false);
            foreach (LeaseHolder holder in holders)
                _node.Acknowledgements.Note(epoch, holder.Node, holder.Acknowledged);
        }
        catch (Exception)
        {
            // The lease ends all the same.
        }
    }

    /// <summary>Takes nodes whose leases have ended from the list; one that has asked for another lease since stays.</summary>
    private async Task ExpelAsync(string epoch, LeaseHolder[] silent)
    {
        if (silent.Length == 0)
            return;
        try
        {
            await _server.ExpelAsync(epoch, silent, _node.CallLimit).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The next invalidation waits for them too.
        }
    }
}
