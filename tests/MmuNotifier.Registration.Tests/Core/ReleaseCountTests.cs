namespace MmuNotifier.Registration.Tests.Core;

public sealed class ReleaseCountTests
{
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
}
