using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching.Redis;

/// <content>
/// Values in Redis. Each is stamped with the position that its node had when its load began: all entries of the log up to there came before
/// the load read the source. A reader uses it if it knows that none of its names was invalidated after that.
/// </content>
public sealed partial class RedisCoherentCache
{
    /// <summary>Called inside a section of the local cache: what is invalidated from then on makes the load collide.</summary>
    /// <returns>How long the value may be kept, and the value; null if there was none that may be used.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<(TimeSpan? Left, T Value)> ReadSecondLevelAsync<T>(string key, string[] tags, ValueCodec<T> codec)
    {
        byte[]? bytes;
        try
        {
            bytes = await _server.GetAsync(key, _options.SecondLevelTimeout).ConfigureAwait(false);
        }
        catch (Exception)
        {
            _metrics.NoteSecondLevel("failed");
            return default;
        }

        if (bytes is null)
        {
            _metrics.NoteSecondLevel("miss");
            return default;
        }

        try
        {
            if (StampedValue.Read(bytes, key, tags, codec.TypeStamp) is { } stored && _node.Index.Proves(stored.Stamp, key, tags)
                && stored.ExpiresAt - _node.ServerTime is > 0 and var left)
            {
                T value = codec.Read(stored.Payload, stored.IsNull);
                _metrics.NoteSecondLevel("hit");
                return (TimeSpan.FromMicroseconds(left), value);
            }
        }
        catch (Exception exception)
        {
            RedisCacheLog.ValueUnreadable(_logger, _options.KeyPrefix, key, exception);
        }

        _metrics.NoteSecondLevel("refused");
        return default;
    }

    /// <summary>After the local cache has kept it.</summary>
    internal void Store<T>(string key, string[] tags, T value, ValueCodec<T> codec, SecondLevelTerms terms, CachePosition? stamp)
    {
        if (!_options.UseSecondLevel || (terms.Use & SecondLevelUse.Write) == 0 || stamp is null)
            return;
        if (!_node.Index.Proves(stamp, key, tags) || (!_scopes.IsEmpty && _scopes.Cover(key, tags)))
            return;
        try
        {
            TimeSpan expiration = terms.ExpirationWithin(_options.SecondLevelExpiration);
            long expiresAt = _node.ServerTime + (long)expiration.TotalMicroseconds;
            if (StampedValue.Write(key, tags, codec, value, stamp, expiresAt, _local.MaxPayloadBytes) is not { } bytes)
                return;
            _server.Set(key, bytes, expiration);
            _metrics.NoteSecondLevel("stored");
        }
        catch (Exception exception)
        {
            RedisCacheLog.ValueUnwritable(_logger, _options.KeyPrefix, key, exception);
        }
    }

    /// <summary>Whether a load looks into Redis: not if it renews what is kept here.</summary>
    internal bool MayReadSecondLevel<T>(string key, SecondLevelUse use) =>
        _options.UseSecondLevel && (use & SecondLevelUse.Read) != 0 && ((use & SecondLevelUse.ReadKept) != 0 || !_local.IsKept<T>(key));
}
