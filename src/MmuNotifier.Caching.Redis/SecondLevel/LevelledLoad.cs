using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching.Redis;

/// <summary>A load that looks into Redis first, and is stored there when the local cache has kept it. One attempt at a time.</summary>
internal sealed class LevelledLoad<TState, T>(
    RedisCoherentCache cache,
    string key,
    string[] tags,
    TState state,
    Func<TState, CancellationToken, ValueTask<T>> loader,
    ValueCodec<T> codec,
    SecondLevelTerms terms) : IKeepObserver<T>
{
    /// <summary>When the attempt began; null if its value is not to be stored.</summary>
    private CachePosition? _beganAt;

    /// <summary>For what was read from Redis: what is left of its time there.</summary>
    public TimeSpan? LongestKept { get; private set; }

    /// <summary>The section has begun: entries of the log that are applied from now on collide with it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> RunAsync(CancellationToken cancellationToken)
    {
        _beganAt = cache.Node.Position;
        LongestKept = null;
        if (_beganAt is not null && cache.MayReadSecondLevel<T>(key, terms.Use))
        {
            (TimeSpan? left, T value) = await cache.ReadSecondLevelAsync(key, tags, codec).ConfigureAwait(false);
            if (left is not null)
            {
                _beganAt = null;
                LongestKept = left;
                return value;
            }
        }

        return await loader(state, cancellationToken).ConfigureAwait(false);
    }

    public void OnKept(T value) => cache.Store(key, tags, value, codec, terms, _beganAt);
}
