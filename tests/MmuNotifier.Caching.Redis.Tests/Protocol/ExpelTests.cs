namespace MmuNotifier.Caching.Redis.Tests.Protocol;

public sealed class ExpelTests : RedisCacheTest
{
    private static readonly TimeSpan s_limit = Patience.Limit;

    /// <summary>The message that expels a node may be late: the node may have gone, come back, and have a lease.</summary>
    [Fact]
    public async Task A_node_that_was_expelled_and_is_back_is_not_expelled_by_a_message_from_before()
    {
        await using var server = new RedisCoherenceServer(Options(OptionsOf(StartServer().Port), isStrict: true));
        SyncReply first = await server.SyncAsync("node", null, withPolicy: false, s_limit);
        (_, IReadOnlyList<LeaseHolder> before) = await server.ReadHoldersAsync(s_limit);
        await server.ExpelAsync(first.Epoch, before, s_limit);
        Assert.Empty((await server.ReadHoldersAsync(s_limit)).Holders);

        await server.SyncAsync("node", new CachePosition(first.Epoch, first.Sequence), withPolicy: false, s_limit);
        await server.ExpelAsync(first.Epoch, before, s_limit);
        Assert.Equal("node", Assert.Single((await server.ReadHoldersAsync(s_limit)).Holders).Node);
    }
}
