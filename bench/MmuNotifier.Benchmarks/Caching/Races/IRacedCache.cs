namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>A cache as its documents recommend to use it.</summary>
internal interface IRacedCache : IDisposable
{
    string Name { get; }

    /// <summary>Whether it has what the race needs.</summary>
    bool Supports(RaceKind kind);

    /// <param name="key">The key.</param>
    /// <param name="tag">The tag of the value.</param>
    /// <param name="loader">Loads it.</param>
    ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader);

    ValueTask SetAsync(string key, string tag, int value);

    ValueTask RemoveAsync(string key);

    ValueTask RemoveByTagAsync(string tag);

    ValueTask RemoveByPrefixAsync(string prefix);

    IAsyncDisposable StartScope(string key);

    /// <summary>Before each race.</summary>
    void BeginRace()
    {
    }

    /// <summary>From then on a lookup of the values that are kept loads in the background.</summary>
    void MakeRefreshDue();

    /// <summary>Waits for what a load in the background does after its loader has returned. There is no event for that in most.</summary>
    ValueTask WaitForRefreshAsync() => new(Task.Delay(1));

    /// <summary>From then on the values that are kept have expired.</summary>
    void Expire();
}
