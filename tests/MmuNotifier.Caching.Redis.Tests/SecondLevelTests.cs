using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>Values in Redis.</summary>
public sealed class SecondLevelTests : RedisCacheTest
{
    private const string ValueKey = "mmunotifier:value:key";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_one_node_has_loaded_the_others_get_from_Redis(bool isStrict)
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict);
        RedisCoherentCache b = await StartNodeAsync(server, isStrict);
        Assert.Equal(1, await GetAsync(a, "key", "tag"));
        UntilStored(server);
        Source = 2;
        Assert.Equal(1, await GetAsync(b, "key", "tag"));
        Assert.Equal(1, Loads);
        RedisCoherentCache c = await StartNodeAsync(server, isStrict);
        Assert.Equal(1, await GetAsync(c, "key", "tag"));
        Assert.Equal(1, Loads);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("prefix")]
    public async Task A_load_that_collided_never_reaches_Redis(string kind)
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server, isStrict: true);
        RedisCoherentCache b = await StartNodeAsync(
            Options(OptionsOf(server.Port), isStrict: true) with { Local = new() { MaxLoadAttempts = 1 } });
        var entered = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        Task<int> load = b.GetOrLoadAsync<int>("key", async _ =>
        {
            int value = Source;
            entered.SetResult();
            await released.Task;
            return value;
        }, null, ["tag"]).AsTask();
        await entered.Task;
        Source = 2;
        await InvalidateAsync(a, kind);
        released.SetResult();
        Assert.Equal(1, await load);
        Assert.Equal("0", server.Run("exists", ValueKey));
        Assert.Equal(2, await GetAsync(b, "key", "tag"));
        UntilStored(server);
        Assert.Equal(2, await GetAsync(a, "key", "tag"));
        Assert.Equal(1, Loads);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("prefix")]
    public async Task A_value_from_before_an_invalidation_is_refused_also_by_a_node_that_comes_later(string kind)
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCoherentCache b = await StartNodeAsync(server);
        Assert.Equal(1, await GetAsync(a, "key", "tag"));
        UntilStored(server);
        Source = 2;
        await InvalidateAsync(a, kind);
        Patience.Until(() => b.Node.Position == a.Node.Position, "both have applied it");
        Assert.Equal("1", server.Run("exists", ValueKey));
        RedisCoherentCache c = await StartNodeAsync(server);
        Assert.Equal(2, await GetAsync(c, "key", "tag"));
        Assert.Equal(2, await GetAsync(b, "key", "tag"));
    }

    [Fact]
    public async Task A_tuple_comes_back_whole()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCoherentCache b = await StartNodeAsync(server);
        await a.GetOrLoadAsync("tuple", _ => ValueTask.FromResult(("Ann", new List<(int, int)> { (1, 2) })));
        Patience.Until(() => server.Run("exists", "mmunotifier:value:tuple") == "1", "Redis has the value");
        (string name, List<(int, int)> pairs) =
            await b.GetOrLoadAsync("tuple", _ => ValueTask.FromResult(("loaded", new List<(int, int)>())));
        Assert.Equal("Ann", name);
        Assert.Equal((1, 2), Assert.Single(pairs));
    }

    [Fact]
    public async Task What_changes_the_options_later_does_not_change_the_cache()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCacheOptions options = Options(OptionsOf(server.Port));
        RedisCoherentCache a = MakeNode(options);
        options.Redis.EndPoints.Clear();
        options.Redis.EndPoints.Add("127.0.0.1", 1);
        await a.StartAsync();
        Assert.True(a.HasLease);
    }

    [Fact]
    public async Task A_value_older_than_the_log_is_refused()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        Assert.Equal(1, await GetAsync(a, "key"));
        UntilStored(server);
        Source = 2;
        await a.RemoveAsync("key");
        server.Run("xtrim", "{mmunotifier}:log", "maxlen", "0");
        RedisCoherentCache b = await StartNodeAsync(server);
        Assert.Equal(2, await GetAsync(b, "key"));
    }

    [Fact]
    public async Task A_value_of_another_epoch_is_refused()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        Assert.Equal(1, await GetAsync(a, "key"));
        UntilStored(server);
        Source = 2;
        server.Run("del", "{mmunotifier}:state");
        RedisCoherentCache b = await StartNodeAsync(server);
        Assert.Equal(2, await GetAsync(b, "key"));
    }

    [Fact]
    public async Task A_value_with_a_tag_that_the_reader_does_not_name_is_refused()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCoherentCache b = await StartNodeAsync(server);
        Assert.Equal(1, await GetAsync(a, "key", "one", "two"));
        UntilStored(server);
        Source = 2;
        Assert.Equal(2, await GetAsync(b, "key", "one"));
        RedisCoherentCache c = await StartNodeAsync(server);
        Assert.Equal(2, await GetAsync(c, "key", "one", "two", "three"));
    }

    [Fact]
    public async Task A_value_of_another_type_and_one_that_cannot_be_read_are_loaded()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCoherentCache b = await StartNodeAsync(server);
        Assert.Equal(1, await GetAsync(a, "key"));
        UntilStored(server);
        Assert.Equal("text", await b.GetOrLoadAsync("key", _ => ValueTask.FromResult("text")));
        server.Run("set", ValueKey, "\u0001\u0002");
        RedisCoherentCache c = await StartNodeAsync(server);
        Source = 2;
        Assert.Equal(2, await GetAsync(c, "key"));
    }

    [Fact]
    public async Task Null_and_objects_come_back_as_they_were()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        RedisCoherentCache b = await StartNodeAsync(server);
        Assert.Null(await a.GetOrLoadAsync("key", _ => ValueTask.FromResult<string?>(null)));
        UntilStored(server);
        Assert.Null(await b.GetOrLoadAsync("key", _ => ValueTask.FromResult<string?>("other")));
        int[] numbers = await a.GetOrLoadAsync("numbers", _ => ValueTask.FromResult<int[]>([1, 2]));
        Patience.Until(() => server.Run("exists", "mmunotifier:value:numbers") == "1", "Redis has it");
        Assert.Equal(numbers, await b.GetOrLoadAsync("numbers", _ => ValueTask.FromResult<int[]>([])));
    }

    [Fact]
    public async Task A_refresh_and_a_call_that_skips_the_lookup_do_not_read_from_Redis()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(server);
        Assert.Equal(1, await GetAsync(a, "key"));
        UntilStored(server);
        Source = 2;
        Assert.Equal(2, await a.GetOrLoadAsync("key", LoadAsync, new CacheEntryOptions { SkipLookup = true }));
        RedisCoherentCache b = await StartNodeAsync(
            Options(OptionsOf(server.Port)) with { Local = new() { RefreshAfter = TimeSpan.FromMilliseconds(1) } });
        await UntilAsync(async () => await GetAsync(b, "key") == 2, "the second value is in Redis");
        Source = 3;
        await UntilAsync(async () => await GetAsync(b, "key") == 3, "it is refreshed from the source");
    }

    /// <summary>A node that reads it keeps it for what is left, however long its own values are kept.</summary>
    [Fact]
    public async Task A_value_ends_on_all_nodes_when_the_call_that_loaded_it_said()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCacheOptions options =
            Options(OptionsOf(server.Port)) with { Local = new() { Expiration = Timeout.InfiniteTimeSpan } };
        RedisCoherentCache a = await StartNodeAsync(options);
        RedisCoherentCache b = await StartNodeAsync(options);
        int tries = 0;
        bool hasRead = false;
        while (!hasRead)
        {
            Assert.True(++tries < 100, "The other node never reads the value in time.");
            string key = $"key{tries}";
            Assert.Equal(1, await a.GetOrLoadAsync(key, LoadAsync, new CacheEntryOptions { Expiration = TimeSpan.FromSeconds(1) }));
            int loads = Loads;
            Assert.Equal(1, await GetAsync(b, key));
            hasRead = loads == Loads;
        }

        Source = 2;
        await UntilAsync(async () => await GetAsync(b, $"key{tries}") == 2, "the value ends");
        Assert.True(await b.SetAsync("set", 1, new CacheEntryOptions { Expiration = TimeSpan.FromMinutes(1) }));
        Patience.Until(() => server.Run("exists", "mmunotifier:value:set") == "1", "Redis has the value");
        Assert.InRange(long.Parse(server.Run("pttl", "mmunotifier:value:set"), CultureInfo.InvariantCulture), 1, 60_000);
    }

    [Fact]
    public async Task Without_a_second_level_Redis_gets_no_values()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache a = await StartNodeAsync(Options(OptionsOf(server.Port)) with { UseSecondLevel = false });
        Assert.Equal(1, await GetAsync(a, "key"));
        Assert.Equal("0", server.Run("exists", ValueKey));
    }

    private static void UntilStored(RedisServerProcess server) =>
        Patience.Until(() => server.Run("exists", ValueKey) == "1", "Redis has the value");

    private static Task InvalidateAsync(RedisCoherentCache node, string kind) => kind switch
    {
        "key" => node.RemoveAsync("key"),
        "tag" => node.RemoveByTagAsync("tag"),
        _ => node.RemoveByPrefixAsync("ke"),
    };
}
