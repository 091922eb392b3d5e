namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>
/// One forced race after the other, by a gate inside the loader. In each, the source changes from 1 to 2 while the loader has 1, and the
/// cache is informed. Every lookup that begins after that is to get 2.
/// </summary>
internal sealed class CacheRace(IRacedCache cache, RaceKind kind)
{
    private const int Old = 1;
    private const int New = 2;
    private const int Wrong = 3;

    private int _source;
    private int _overlapped;
    private int _staleJoined;
    private int _staleAfter;

    public static async Task<RaceResult> RunAsync(IRacedCache cache, RaceKind kind, int races)
    {
        var run = new CacheRace(cache, kind);
        for (int i = 0; i < races; i++)
            await run.RaceAsync($"race:{i}:value", $"tag{i}").ConfigureAwait(false);
        return new RaceResult(races, run._overlapped, run._staleJoined, run._staleAfter);
    }

    private async Task RaceAsync(string key, string tag)
    {
        _source = Old;
        cache.BeginRace();
        if (kind is RaceKind.BackgroundRefresh or RaceKind.Expiry)
            await cache.GetAsync(key, tag, LoadAsync).ConfigureAwait(false);
        if (kind == RaceKind.BackgroundRefresh)
            cache.MakeRefreshDue();
        if (kind == RaceKind.Expiry)
            cache.Expire();
        IAsyncDisposable? scope = kind == RaceKind.InsideScope ? cache.StartScope(key) : null;

        var gate = new LoaderGate(LoadAsync);
        Task<int> first = cache.GetAsync(key, tag, gate.LoadAsync).AsTask();
        await gate.Entered.ConfigureAwait(false);
        if (scope is null)
        {
            await ChangeAsync(key, tag).ConfigureAwait(false);
        }
        else
        {
            _source = New;
            await scope.DisposeAsync().ConfigureAwait(false);
        }

        if (gate is { Entered.IsCompleted: true, HasReturned: false })
            _overlapped++;
        Task<int> joined = cache.GetAsync(key, tag, LoadAsync).AsTask();
        gate.Release();
        await first.ConfigureAwait(false);
        await gate.Returned.ConfigureAwait(false);
        if (await joined.ConfigureAwait(false) != New)
            _staleJoined++;
        if (kind == RaceKind.BackgroundRefresh)
            await cache.WaitForRefreshAsync().ConfigureAwait(false);
        if (await cache.GetAsync(key, tag, LoadAsync).ConfigureAwait(false) != New)
            _staleAfter++;
        await cache.RemoveAsync(key).ConfigureAwait(false);
    }

    private ValueTask<int> LoadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_source);

    private async Task ChangeAsync(string key, string tag)
    {
        if (kind == RaceKind.Scope)
        {
            await using (cache.StartScope(key).ConfigureAwait(false))
                _source = New;
            return;
        }

        if (kind == RaceKind.RemoveSetRemove)
        {
            await cache.RemoveAsync(key).ConfigureAwait(false);
            await cache.SetAsync(key, tag, Wrong).ConfigureAwait(false);
        }

        if (kind == RaceKind.Eviction)
        {
            for (int i = 0; i < 10; i++)
                await cache.SetAsync($"{key}:{i}", tag + "x", Wrong).ConfigureAwait(false);
        }

        _source = New;
        ValueTask invalidation = kind switch
        {
            RaceKind.Tag => cache.RemoveByTagAsync(tag),
            RaceKind.Prefix => cache.RemoveByPrefixAsync(key[..^"value".Length]),
            RaceKind.Set => cache.SetAsync(key, tag, New),
            _ => cache.RemoveAsync(key),
        };
        await invalidation.ConfigureAwait(false);
    }
}
