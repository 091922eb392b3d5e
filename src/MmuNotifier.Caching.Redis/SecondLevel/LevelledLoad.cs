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
    SecondLevelUse use) : IKeepObserver<T>
{
    /// <summary>When the attempt began; null if its value is not to be stored.</summary>
    private CachePosition? _beganAt;

    /// <summary>The section has begun: entries of the log that are applied from now on collide with it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> RunAsync(CancellationToken cancellationToken)
    {
        _beganAt = cache.Node.Position;
        if (_beganAt is not null && cache.MayReadSecondLevel<T>(key, use))
        {
            (bool isFound, T value) = await cache.ReadSecondLevelAsync(key, tags, codec).ConfigureAwait(false);
            if (isFound)
            {
                _beganAt = null;
                return value;
            }
        }

        return await loader(state, cancellationToken).ConfigureAwait(false);
    }

    public void OnKept(T value) => cache.Store(key, tags, value, codec, use, _beganAt);
}
