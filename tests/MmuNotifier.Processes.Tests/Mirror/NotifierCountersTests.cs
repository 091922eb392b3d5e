using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

public class NotifierCountersTests
{
    [Theory]
    [InlineData(CutResult.Removed, 1, 0, 0)]
    [InlineData(CutResult.KeptLeft, 0, 1, 0)]
    [InlineData(CutResult.KeptRight, 0, 1, 0)]
    [InlineData(CutResult.Split, 0, 0, 1)]
    [InlineData(CutResult.Untouched, 0, 0, 0)]
    [InlineData(CutResult.AlreadyRemoved, 0, 0, 0)]
    [InlineData(CutResult.Exited, 0, 0, 0)]
    public void A_cut_counts_as_what_it_did_and_only_that_inside_callbacks(CutResult result, int removed, int moved, int split)
    {
        var counters = new NotifierCounters();
        counters.CountCut(result);

        Assert.Equal((removed, moved, split), (counters.Removed, counters.Moved, counters.Split));
        Assert.Equal(removed + moved + split, counters.InsideCallbacks);
        Assert.Equal(0, counters.Inserted);
    }
}
