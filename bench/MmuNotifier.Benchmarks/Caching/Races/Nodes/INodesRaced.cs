namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>Three nodes of a cache over one Redis, as its documents recommend to use it.</summary>
internal interface INodesRaced : IAsyncDisposable
{
    string Name { get; }

    bool Supports(NodeRaceKind kind);

    ValueTask<int> GetAsync(int node, string key, string tag, Func<CancellationToken, ValueTask<int>> loader);

    ValueTask SetAsync(int node, string key, string tag, int value);

    ValueTask RemoveAsync(int node, string key);

    ValueTask RemoveByTagAsync(int node, string tag);

    ValueTask RemoveByPrefixAsync(int node, string prefix);

    /// <summary>From then on a lookup of the values that the node keeps loads in the background.</summary>
    void MakeRefreshDue(int node);

    /// <summary>The next read of the node in the second level waits, when it has the answer, until the gate is opened.</summary>
    LevelGate HoldSecondLevel(int node);

    /// <summary>Waits until a value that a node has loaded is in the second level.</summary>
    Task WaitForStoreAsync(string key);

    void Disconnect(int node);

    void Connect(int node);

    /// <summary>Waits as long as a message may take, by the cache's own promise.</summary>
    Task WaitForDelayAsync();

    /// <summary>Waits for what a load in the background does after its loader has returned.</summary>
    Task WaitForRefreshAsync(int node);
}
