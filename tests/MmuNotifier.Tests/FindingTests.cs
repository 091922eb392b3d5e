namespace MmuNotifier.Tests;

public class FindingTests
{
    private readonly AddressSpace _space = new();

    [Fact]
    public void The_first_notifier_at_an_address_is_held_until_it_is_disposed()
    {
        TestNotifier first = Insert(0, 9);
        TestNotifier second = Insert(5, 19);
        Assert.True(_space.TryFindFirst(5, out HeldNotifier held));
        using (held)
        {
            Assert.Same(first, held.Found.Notifier);
            Assert.Equal((1, 0), (first.FindHolds, second.FindHolds));
        }

        Assert.Equal(0, first.FindHolds);
        held.Dispose();
        Assert.Equal(0, first.FindHolds);
        using var patience = new CancellationTokenSource(TestNotifier.Limit);
        first.Remove();
        _space.Synchronize(patience.Token);
    }

    [Fact]
    public void Where_no_notifier_is_nothing_is_found_or_held()
    {
        TestNotifier notifier = Insert(0, 9);
        Assert.False(_space.TryFindFirst(10, out HeldNotifier held));
        held.Dispose();
        notifier.RemoveDeferred();
        Assert.False(_space.TryFindFirst(AddressRange.Whole, out held));
        Assert.Equal(0, notifier.FindHolds);
    }

    [Fact]
    public void A_find_that_is_copied_half_way_lets_go_once()
    {
        TestNotifier first = Insert(0, 9);
        TestNotifier second = Insert(10, 19);
        FindEnumerator find = _space.Find(AddressRange.Whole);
        Assert.True(find.MoveNext());
        List<IntervalNotifier> rest = [];
        foreach (FoundNotifier found in find)
            rest.Add(found.Notifier);
        Assert.Equal([second], rest);
        Assert.Equal(0, first.FindHolds);
        find.Dispose();
        Assert.Equal(0, first.FindHolds);

        first.Remove();
        second.Remove();
        using var patience = new CancellationTokenSource(TestNotifier.Limit);
        _space.Synchronize(patience.Token);
    }

    [Fact]
    public void A_copy_does_not_end_the_hold_of_another_find()
    {
        TestNotifier notifier = Insert(0, 9);
        FindEnumerator copied = _space.Find(AddressRange.Whole);
        Assert.True(copied.MoveNext());
        FindEnumerator copy = copied;
        copy.Dispose();
        FindEnumerator other = _space.Find(AddressRange.Whole); // Perhaps in the same place as the hold that has ended.
        Assert.True(other.MoveNext());
        copied.Dispose();
        copy.Dispose();
        Assert.Equal(1, notifier.FindHolds);
        other.Dispose();
        Assert.Equal(0, notifier.FindHolds);
    }

    [Fact]
    public void What_a_copy_has_let_go_is_not_current_any_more()
    {
        TestNotifier notifier = Insert(0, 9);
        FindEnumerator find = _space.Find(AddressRange.Whole);
        Assert.True(find.MoveNext());
        FindEnumerator copy = find;
        Assert.Same(notifier, copy.Current.Notifier);
        copy.Dispose();
        bool isTold = false;
        try
        {
            _ = find.Current;
        }
        catch (InvalidOperationException)
        {
            isTold = true;
        }

        Assert.True(isTold);
        Assert.False(find.MoveNext());
    }

    [Fact]
    public void A_default_find_finds_nothing()
    {
        FindEnumerator find = default;
        Assert.False(find.MoveNext());
        find.Dispose();
    }

    [Fact]
    public void A_find_that_moves_what_it_finds_ahead_of_itself_comes_to_an_end()
    {
        for (ulong i = 0; i < 40; i++)
            Insert(i, i + 9);
        int steps = 0;
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
        {
            steps++;
            AddressRange range = found.Range;
            _ = found.Move(new AddressRange(range.Start + 1000, range.Last + 1000));
            Assert.True(steps <= 40);
        }

        Assert.Equal(40, steps);
    }

    [Fact]
    public void A_find_that_inserts_ahead_of_itself_comes_to_an_end()
    {
        Insert(0, 9);
        int steps = 0;
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
        {
            Assert.Equal(1, ++steps);
            Insert(found.Range.Start + 10, found.Range.Last + 10);
        }
    }

    [Fact]
    public void A_notifier_that_grows_at_its_end_during_a_find_is_seen_once()
    {
        Insert(0, 9);
        TestNotifier later = Insert(20, 29);
        List<IntervalNotifier> found = [];
        foreach (FoundNotifier each in _space.Find(AddressRange.Whole))
        {
            _ = later.Move(new AddressRange(20, 39));
            found.Add(each.Notifier);
        }

        Assert.Equal(2, found.Count);
    }

    private TestNotifier Insert(ulong start, ulong last)
    {
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(start, last));
        return notifier;
    }
}
