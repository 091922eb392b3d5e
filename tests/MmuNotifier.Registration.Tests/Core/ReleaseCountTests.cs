namespace MmuNotifier.Registration.Tests.Core;

public sealed class ReleaseCountTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ReleaseCount _count = new();

    [Fact]
    public void A_release_ends_the_wait_for_it()
    {
        var release = new Thread(_count.Increment);
        release.Start();
        Assert.True(_count.WaitUntil(() => _count.Value == 1, Patience.Limit));
        release.Join();
    }

    [Fact]
    public void A_wait_ends_when_its_time_is_over() => Assert.False(_count.WaitUntil(() => false, TimeSpan.FromMilliseconds(1)));

    [Fact]
    public async Task A_release_ends_every_asynchronous_wait_for_it()
    {
        Task<bool>[] waits = [.. Enumerable.Range(0, 3).Select(_ => _count.WaitUntilAsync(() => _count.Value == 2, Day).AsTask())];
        _count.Increment();
        Assert.DoesNotContain(waits, wait => wait.IsCompleted);
        _count.Increment();
        bool[] results = await Task.WhenAll(waits).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.All(results, Assert.True);
    }

    [Fact]
    public void Asynchronous_wait_for_what_is_true_already_is_over_at_once()
    {
        Task<bool> wait = _count.WaitUntilAsync(() => true, TimeSpan.Zero).AsTask();
        Assert.True(wait.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task An_asynchronous_wait_ends_when_its_time_is_over() =>
        Assert.False(await _count.WaitUntilAsync(() => false, TimeSpan.FromMilliseconds(1)));
}
