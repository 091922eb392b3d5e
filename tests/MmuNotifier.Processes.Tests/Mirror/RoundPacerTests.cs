using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

public class RoundPacerTests
{
    [Fact]
    public void The_dearer_a_round_the_longer_until_the_next_within_bounds()
    {
        var pacer = new RoundPacer(null, TimeSpan.FromMicroseconds(14));
        pacer.AfterRound(0, TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.FromMilliseconds(100), pacer.Next);
        pacer.AfterRound(1000, TimeSpan.FromMilliseconds(6));
        Assert.Equal(TimeSpan.FromMilliseconds(500), pacer.Next);
        pacer.AfterRound(2000, TimeSpan.FromMilliseconds(6));
        Assert.Equal(TimeSpan.FromMilliseconds(850), pacer.Next);
        pacer.AfterRound(10_000_000, TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(10), pacer.Next);
    }

    [Fact]
    public void An_interval_that_was_asked_for_stays()
    {
        var pacer = new RoundPacer(TimeSpan.FromSeconds(3), TimeSpan.FromMicroseconds(14));
        pacer.AfterRound(1_000_000, TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(3), pacer.Next);
    }

    [Fact]
    public void The_dearer_a_first_write_the_longer_until_the_next()
    {
        var pacer = new RoundPacer(null, TimeSpan.FromMicroseconds(1));
        pacer.AfterRound(4000, TimeSpan.FromMilliseconds(4));
        Assert.Equal(TimeSpan.FromMilliseconds(200), pacer.Next);
        pacer = new RoundPacer(null, TimeSpan.FromMicroseconds(24));
        pacer.AfterRound(4000, TimeSpan.FromMilliseconds(4));
        Assert.Equal(TimeSpan.FromMilliseconds(2500), pacer.Next);
    }
}
