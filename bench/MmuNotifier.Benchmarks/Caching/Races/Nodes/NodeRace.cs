namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>
/// One forced race after the other between nodes. In each, the source changes from 1 to 2 while node 1 loads and has 1, and node 0
/// invalidates. Every lookup that begins after that, on node 1 and on node 2, is to get 2.
/// </summary>
internal sealed class NodeRace(INodesRaced nodes, NodeRaceKind kind)
{
    private const int Old = 1;
    private const int New = 2;
    private const int Wrong = 3;

    private int _source;
    private int _overlapped;
    private int _staleJoined;
    private int _staleAfter;

    public static async Task<RaceResult> RunAsync(INodesRaced nodes, NodeRaceKind kind, int races)
    {
        var run = new NodeRace(nodes, kind);
        for (int i = 0; i < races; i++)
            await run.RaceAsync($"{kind}:{i}:value", $"{kind}{i}").ConfigureAwait(false);
        return new RaceResult(races, run._overlapped, run._staleJoined, run._staleAfter);
    }

    private async Task RaceAsync(string key, string tag)
    {
        _source = Old;
        if (kind == NodeRaceKind.BackgroundRefresh)
        {
            await nodes.GetAsync(1, key, tag, LoadAsync).ConfigureAwait(false);
            nodes.MakeRefreshDue(1);
        }

        if (kind == NodeRaceKind.SecondLevelRead)
        {
            await nodes.GetAsync(0, key, tag, LoadAsync).ConfigureAwait(false);
            await nodes.WaitForStoreAsync(key).ConfigureAwait(false);
        }

        LevelGate? level = kind == NodeRaceKind.SecondLevelRead ? nodes.HoldSecondLevel(1) : null;
        var gate = new LoaderGate(LoadAsync);
        Task<int> first = nodes.GetAsync(1, key, tag, level is null ? gate.LoadAsync : LoadAsync).AsTask();
        await (level?.Entered ?? gate.Entered).ConfigureAwait(false);
        if (kind == NodeRaceKind.Reconnect)
            nodes.Disconnect(1);
        Task change = ChangeAsync(key, tag);
        if (kind == NodeRaceKind.Reconnect)
        {
            await Task.Delay(2).ConfigureAwait(false); // What is pushed meanwhile is lost.
            nodes.Connect(1);
        }

        await change.ConfigureAwait(false);
        await nodes.WaitForDelayAsync().ConfigureAwait(false);
        if (!(level?.Released.IsCompleted ?? gate.HasReturned))
            _overlapped++;
        Task<int> joined = nodes.GetAsync(1, key, tag, LoadAsync).AsTask();
        level?.Release();
        gate.Release();
        await first.ConfigureAwait(false);
        if (await joined.ConfigureAwait(false) != New)
            _staleJoined++;
        if (kind == NodeRaceKind.BackgroundRefresh)
            await nodes.WaitForRefreshAsync(1).ConfigureAwait(false);
        bool isStale = await nodes.GetAsync(1, key, tag, LoadAsync).ConfigureAwait(false) != New;
        isStale |= await nodes.GetAsync(2, key, tag, LoadAsync).ConfigureAwait(false) != New;
        if (isStale)
            _staleAfter++;
        await nodes.RemoveAsync(0, key).ConfigureAwait(false);
    }

    private ValueTask<int> LoadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_source);

    private async Task ChangeAsync(string key, string tag)
    {
        if (kind == NodeRaceKind.RemoveSetRemove)
        {
            await nodes.RemoveAsync(0, key).ConfigureAwait(false);
            await nodes.SetAsync(0, key, tag, Wrong).ConfigureAwait(false);
        }

        _source = New;
        ValueTask invalidation = kind switch
        {
            NodeRaceKind.Tag or NodeRaceKind.SecondLevelRead => nodes.RemoveByTagAsync(0, tag),
            NodeRaceKind.Prefix => nodes.RemoveByPrefixAsync(0, key[..^"value".Length]),
            _ => nodes.RemoveAsync(0, key),
        };
        await invalidation.ConfigureAwait(false);
    }
}
