namespace MmuNotifier.Caching.Tests;

public sealed class LoadingTests : CacheTest
{
    [Fact]
    public async Task Callers_that_ask_meanwhile_share_a_load()
    {
        HeldLoader<int> loader = Hold();
        Task<int>[] callers = [.. Enumerable.Range(0, 50).Select(_ => Cache.GetOrLoadAsync("k", loader.LoadAsync).AsTask())];
        await loader.Entered;
        loader.Release();
        Assert.All(await Task.WhenAll(callers), value => Assert.Equal(1, value));
        Assert.Equal(1, loader.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_caller_that_blocks_when_it_has_the_value_keeps_no_other_waiting(int blocking)
    {
        HeldLoader<int> loader = Hold();
        using var othersAreServed = new CountdownEvent(2);
        var callers = new Task[3];
        for (int i = 0; i < callers.Length; i++)
        {
            bool blocks = i == blocking;
            callers[i] = Cache.GetOrLoadAsync("k", loader.LoadAsync).AsTask().ContinueWith(
                _ => Assert.True(blocks ? othersAreServed.Wait(Patience.Limit) : othersAreServed.Signal() || true),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        await loader.Entered;
        loader.Release();
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task A_chain_of_loads_may_be_longer_than_a_stack()
    {
        const int length = 20_000;
        var end = new TaskCompletionSource<int>();
        var last = new TaskCompletionSource();
        Task<int> first = LoadAsync(0).AsTask();
        await last.Task.WaitAsync(Patience.Limit);
        await Task.Run(() => end.SetResult(1));
        Assert.Equal(length + 1, await first.WaitAsync(Patience.Limit));

        async ValueTask<int> LoadAsync(int depth)
        {
            await Task.Yield();
            if (depth < length)
                return 1 + await Cache.GetOrLoadAsync($"{depth}", _ => LoadAsync(depth + 1));
            last.SetResult();
            return await end.Task;
        }
    }

    [Fact]
    public async Task The_cancellation_of_one_caller_does_not_cancel_the_load_of_the_others()
    {
        HeldLoader<int> loader = Hold();
        using var cancellation = new CancellationTokenSource();
        Task<int> first = Cache.GetOrLoadAsync("k", loader.LoadAsync, cancellationToken: cancellation.Token).AsTask();
        await loader.Entered;
        Task<int> second = Cache.GetOrLoadAsync("k", loader.LoadAsync, cancellationToken: new CancellationTokenSource().Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(loader.Token.IsCancellationRequested);
        loader.Release();
        Assert.Equal(1, await second);
        Assert.Equal(1, Kept("k"));
        Assert.Equal(1, loader.Calls);
    }

    [Fact]
    public async Task The_load_is_cancelled_when_all_callers_have_gone_and_the_next_caller_begins_another_one()
    {
        HeldLoader<int> loader = Hold();
        using var cancellation = new CancellationTokenSource();
        Task<int>[] callers =
            [.. Enumerable.Range(0, 3).Select(_ => Cache.GetOrLoadAsync("k", loader.LoadAsync, null, ["t"], cancellation.Token).AsTask())];
        await loader.Entered;
        await cancellation.CancelAsync();
        foreach (Task<int> caller in callers)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        Assert.True(loader.Token.IsCancellationRequested);
        Assert.Equal(1, await GetAsync("k"));
        Cache.Remove("k");
        Patience.Until(() => Cache is { KeysInUse: 0, TagsInUse: 0 }, "the cancelled load gives its names back");
    }

    [Fact]
    public async Task A_loader_that_ignores_its_cancellation_keeps_nothing()
    {
        var release = new TaskCompletionSource<int>();
        using var cancellation = new CancellationTokenSource();
        Task<int> caller = Cache.GetOrLoadAsync("k", _ => new ValueTask<int>(release.Task), cancellationToken: cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        release.SetResult(7);
        Patience.Until(() => Cache.KeysInUse == 0, "the load is over");
        Assert.Null(Kept("k"));
    }

    [Fact]
    public async Task A_caller_that_is_cancelled_before_does_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Cache.GetOrLoadAsync("k", LoadAsync, cancellationToken: new CancellationToken(true)));
        Assert.Equal(0, Loads);
    }

    [Fact]
    public async Task All_callers_get_what_the_loader_throws_and_nothing_is_kept()
    {
        var release = new TaskCompletionSource();
        Task<int>[] callers = [.. Enumerable.Range(0, 3).Select(_ => Cache.GetOrLoadAsync("k", FailAsync, null, ["t"]).AsTask())];
        release.SetResult();
        foreach (Task<int> caller in callers)
            await Assert.ThrowsAsync<InvalidDataException>(() => caller);
        Assert.Equal(0, Cache.KeysInUse);
        Assert.Equal(0, Cache.TagsInUse);
        Assert.Equal(1, await GetAsync("k"));

        async ValueTask<int> FailAsync(CancellationToken cancellationToken)
        {
            await release.Task;
            throw new InvalidDataException();
        }
    }

    [Fact]
    public async Task A_loader_that_throws_at_once_or_cancels_itself_fails_its_callers()
    {
        await Assert.ThrowsAsync<InvalidDataException>(
            async () => await Cache.GetOrLoadAsync<int>("k", _ => throw new InvalidDataException()));
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await Cache.GetOrLoadAsync<int>("k", _ => throw new OperationCanceledException()));
        Assert.Equal(0, Cache.KeysInUse);
    }

    [Fact]
    public async Task A_loader_that_asks_for_its_own_key_gets_an_exception()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(AskAsync);
        Assert.Contains("'k'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Cache.KeysInUse);

        async Task AskAsync() =>
            await Cache.GetOrLoadAsync<int>("k", async token => await Cache.GetOrLoadAsync("k", LoadAsync, cancellationToken: token));
    }

    [Fact]
    public async Task Loaders_that_wait_for_each_other_get_an_exception()
    {
        var bothRun = new Barrier(2);
        Task<int> first = Task.Run(async () => await Cache.GetOrLoadAsync("a", _ => AskAsync("b")));
        Task<int> second = Task.Run(async () => await Cache.GetOrLoadAsync("b", _ => AskAsync("a")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.WhenAll(first, second).WaitAsync(Patience.Limit));

        async ValueTask<int> AskAsync(string key)
        {
            Assert.True(bothRun.SignalAndWait(Patience.Limit));
            return await Cache.GetOrLoadAsync<int>(key, _ => throw new InvalidDataException("The other one loads it."));
        }
    }

    [Fact]
    public async Task A_loader_may_load_other_keys()
    {
        int value = await Cache.GetOrLoadAsync(
            "a", async token => 10 + await Cache.GetOrLoadAsync("b", async _ => 10 + await GetAsync("c"), cancellationToken: token));
        Assert.Equal(21, value);
        Assert.Equal(3, Cache.Count);
    }
}
