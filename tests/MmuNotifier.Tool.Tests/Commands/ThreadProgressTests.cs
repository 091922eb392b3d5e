using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Tests.Commands;

public sealed class ThreadProgressTests
{
    private const int Looks = 4 * ThreadProgress.IntervalsWithoutWork;

    [Fact]
    public void A_thread_that_neither_runs_nor_writes_is_caught()
    {
        var progress = new ThreadProgress();
        for (int look = 0; look < ThreadProgress.IntervalsWithoutWork; look++)
            Assert.False(progress.IsCaught(new ThreadCounts(WorkNanoseconds: 5, BytesWritten: 7)));
        Assert.True(progress.IsCaught(new ThreadCounts(WorkNanoseconds: 5, BytesWritten: 7)));
    }

    [Fact]
    public void A_thread_that_waits_for_a_busy_disk_is_not_caught()
    {
        var progress = new ThreadProgress();
        for (int look = 0; look < Looks; look++)
            Assert.False(progress.IsCaught(new ThreadCounts(5, look / (ThreadProgress.IntervalsWithoutWork / 2))));
    }

    [Fact]
    public void A_thread_that_works_is_not_caught()
    {
        var progress = new ThreadProgress();
        for (int look = 0; look < Looks; look++)
            Assert.False(progress.IsCaught(new ThreadCounts(look * ThreadProgress.LeastWorkNanoseconds, 0)));
    }

    [Fact]
    public void A_thread_of_which_nobody_knows_what_it_does_is_not_caught()
    {
        var progress = new ThreadProgress();
        for (int look = 0; look < Looks; look++)
            Assert.False(progress.IsCaught(null));
    }
}
