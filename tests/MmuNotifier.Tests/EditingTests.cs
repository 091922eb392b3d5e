namespace MmuNotifier.Tests;

public class EditingTests
{
    private readonly AddressSpace _space = new();

    [Theory]
    [InlineData(0, 99, CutResult.Removed)]
    [InlineData(60, 150, CutResult.KeptLeft)]
    [InlineData(0, 20, CutResult.KeptRight)]
    [InlineData(40, 49, CutResult.Split)]
    [InlineData(200, 300, CutResult.Untouched)]
    public void Cut_does_the_right_cut_and_takes_effect_at_once_inside_the_callback(ulong start, ulong last, CutResult expected)
    {
        CutResult result = default;
        List<AddressRange> inside = [];
        var notifier = new TestNotifier((TestNotifier self, in Invalidation _) =>
        {
            result = self.Cut(new AddressRange(start, last), () => new TestNotifier());
            inside = Ranges();
            return InvalidateResult.Done;
        });
        _space.Insert(notifier, new AddressRange(0, 99));
        _space.StartInvalidation(new AddressRange(0, 99), InvalidationEvent.Unmap).Dispose();

        Assert.Equal(expected, result);
        Assert.Equal(inside, Ranges());
        Assert.DoesNotContain(inside, range => expected != CutResult.Untouched && range.Overlaps(new AddressRange(start, last)));
    }

    [Fact]
    public void A_cut_hands_its_state_to_the_function_that_makes_the_right_piece()
    {
        var notifier = new TestNotifier();
        var right = new TestNotifier();
        _space.Insert(notifier, new AddressRange(0, 99));

        Assert.Equal(CutResult.Split, notifier.Cut(new AddressRange(40, 49), right, static piece => piece));

        Assert.Equal(new AddressRange(0, 39), notifier.Range);
        Assert.Equal(new AddressRange(50, 99), right.Range);
    }

    [Fact]
    public void A_batch_is_applied_as_a_whole_or_not_at_all()
    {
        var left = new TestNotifier();
        var right = new TestNotifier();
        _space.Insert(left, new AddressRange(0, 9));
        _space.Insert(right, new AddressRange(10, 19));
        NotifierBatch merge = new NotifierBatch()
            .Remove(left, new AddressRange(0, 9))
            .Move(right, new AddressRange(10, 18), new AddressRange(0, 19));

        Assert.Equal(EditResult.RangeDiffers, _space.Apply(merge));
        Assert.Equal([new AddressRange(0, 9), new AddressRange(10, 19)], Ranges());

        merge.Clear();
        merge.Remove(left, new AddressRange(0, 9)).Move(right, new AddressRange(10, 19), new AddressRange(0, 19));
        ReadSection section = right.ReadBegin();
        Assert.Equal(EditResult.Applied, _space.Apply(merge));
        Assert.Equal([new AddressRange(0, 19)], Ranges());
        Assert.True(section.MustRetry);
        Assert.Equal(EditResult.AlreadyRemoved, _space.Apply(merge));
    }

    [Fact]
    public void Who_gets_bytes_of_a_notifier_that_is_due_inherits_its_call_before_start_returns()
    {
        var right = new TestNotifier();
        var due = new TestNotifier();
        var first = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            Assert.Equal(CutResult.Split, due.Cut(new AddressRange(40, 49), () => right));
            return InvalidateResult.Done;
        });
        _space.Insert(first, new AddressRange(0, 9));
        _space.Insert(due, new AddressRange(10, 99));

        _space.StartInvalidation(new AddressRange(0, 80), InvalidationEvent.Clear).Dispose();

        Assert.Equal(new AddressRange(10, 80), Assert.Single(due.Calls).Overlap);
        Invalidation inherited = Assert.Single(right.Calls);
        Assert.True(inherited.IsInherited);
        Assert.Equal(new AddressRange(50, 80), inherited.Overlap);
    }

    [Fact]
    public void Who_takes_over_a_removed_notifier_that_is_due_is_called_in_its_place_once()
    {
        var gone = new TestNotifier();
        var heir = new TestNotifier();
        var first = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch()
                .Remove(gone, new AddressRange(10, 19))
                .Insert(heir, new AddressRange(10, 19))));
            Assert.Equal(EditResult.Applied, heir.Move(new AddressRange(10, 25)));
            return InvalidateResult.Done;
        });
        _space.Insert(first, new AddressRange(0, 9));
        _space.Insert(gone, new AddressRange(10, 19));

        _space.StartInvalidation(new AddressRange(0, 15), InvalidationEvent.Clear).Dispose();

        Assert.Empty(gone.Calls);
        Assert.Equal(new AddressRange(10, 15), Assert.Single(heir.Calls).Overlap);
        Assert.True(gone.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    [Fact]
    public void Bounds_and_misuse_have_their_answers()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AddressRange(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRange.FromLength(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRange.FromLength(ulong.MaxValue, 2));
        Assert.Equal(new AddressRange(ulong.MaxValue, ulong.MaxValue), AddressRange.FromLength(ulong.MaxValue, 1));

        var whole = new TestNotifier();
        Assert.Throws<InvalidOperationException>(() => whole.RemoveDeferred());
        Assert.Throws<InvalidOperationException>(() => whole.ReadBegin());
        _space.Insert(whole, AddressRange.Whole);
        Assert.Throws<InvalidOperationException>(() => _space.Insert(whole, new AddressRange(0, 1)));
        var edge = new TestNotifier();
        _space.Insert(edge, new AddressRange(ulong.MaxValue, ulong.MaxValue));
        _space.StartInvalidation(new AddressRange(ulong.MaxValue, ulong.MaxValue), InvalidationEvent.Clear).Dispose();
        _space.StartInvalidation(new AddressRange(0, 0), InvalidationEvent.Clear).Dispose();
        Assert.Single(edge.Calls);
        Assert.Equal(2, whole.Calls.Count);
        Assert.Equal(CutResult.KeptLeft, whole.Cut(new AddressRange(ulong.MaxValue, ulong.MaxValue), () => new TestNotifier()));

        var elsewhere = new AddressSpace();
        Assert.Throws<InvalidOperationException>(() => elsewhere.Apply(new NotifierBatch().Remove(edge, edge.Range)));
        Assert.Throws<ArgumentException>(() => new NotifierBatch().Remove(edge, edge.Range).Remove(edge, edge.Range));
        Assert.Throws<ArgumentException>(() => _space.StartInvalidation(AddressRange.Whole, InvalidationEvent.Release));
        Assert.Equal(ReadStatus.OutOfRange, edge.ReadBegin(new AddressRange(0, 1)).Status);
        Assert.True(default(ReadSection).MustRetry);
    }

    [Fact]
    public void Find_holds_what_it_yields_and_only_released_waits_for_it()
    {
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(0, 9));
        foreach (FoundNotifier found in _space.Find(new AddressRange(9, 20)))
        {
            Assert.True(found.RemoveDeferred());
            Assert.True(notifier.RemoveAsync().IsCompleted);
            Assert.Equal(1, notifier.FindHolds);
            Assert.Equal(NotifierState.Quiet, notifier.State);
            Assert.Empty(Ranges());
        }

        Assert.True(notifier.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    private List<AddressRange> Ranges()
    {
        List<AddressRange> ranges = [];
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
            ranges.Add(found.Range);
        return ranges;
    }
}
