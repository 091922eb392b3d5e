namespace MmuNotifier.Tests;

public class SmokeTests
{
    private sealed class Recorder(Action<IntervalNotifier, Invalidation>? onInvalidate = null) : IntervalNotifier
    {
        public List<string> Calls { get; } = [];

        public ManualResetEventSlim ReleasedEvent { get; } = new();

        protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            Calls.Add($"{invalidation.Event} {invalidation.Overlap} {invalidation.IsInherited}");
            onInvalidate?.Invoke(this, invalidation);
            return InvalidateResult.Done;
        }

        protected override void Released() => ReleasedEvent.Set();
    }

    [Fact]
    public void A_hole_cut_inside_the_callback_splits_the_notifier()
    {
        var space = new AddressSpace();
        var right = new Recorder();
        var left = new Recorder((n, i) => Assert.Equal(CutResult.Split, n.Cut(i.Range, () => right)));
        space.Insert(left, new AddressRange(0, 99));
        ReadSection before = left.ReadBegin();
        using (space.StartInvalidation(new AddressRange(40, 49), InvalidationEvent.Unmap))
        {
            Assert.True(before.Retry());
            Assert.Equal(ReadStatus.Open, left.TryReadBegin().Status);
        }

        Assert.Equal(new AddressRange(0, 39), left.Range);
        Assert.Equal(new AddressRange(50, 99), right.Range);
        Assert.Empty(right.Calls);
        ReadSection section = right.ReadBegin();
        Assert.Equal(ReadStatus.Open, section.Status);
        Assert.False(section.Retry());
        left.Remove();
        right.RemoveDeferred();
        space.Synchronize();
        Assert.True(left.ReleasedEvent.IsSet && right.ReleasedEvent.IsSet);
    }
}
