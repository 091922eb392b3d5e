namespace MmuNotifier.Tests.Contract;

/// <summary>What the contract left open, as it was decided: see docs/contract.md.</summary>
public class DecisionTests
{
    private static readonly AddressRange s_range = new(0, 99);

    private readonly AddressSpace _space = new();

    [Fact]
    public void The_right_piece_of_a_failed_notifier_is_failed()
    {
        var notifier = new TestNotifier((TestNotifier _, in Invalidation _) => throw new InvalidDataException("mine"));
        var right = new TestNotifier();
        _space.Insert(notifier, s_range);
        _space.Invalidate(new AddressRange(0, 9), InvalidationEvent.Clear);

        Assert.Equal(CutResult.Split, notifier.Cut(new AddressRange(40, 49), () => right));
        Assert.Equal(ReadStatus.Failed, right.ReadBegin().Status);
        Assert.Equal(ReadStatus.Failed, right.ReadBeginNoWait(new AddressRange(60, 69)).Status);
        Assert.Equal(ReadStatus.Failed, notifier.ReadBegin().Status);
    }

    [Fact]
    public void A_batch_puts_new_notifiers_over_the_bytes_of_a_failed_one_and_they_are_not_failed()
    {
        var notifier = new TestNotifier((TestNotifier _, in Invalidation _) => throw new InvalidDataException("mine"));
        var other = new TestNotifier();
        _space.Insert(notifier, s_range);
        _space.Invalidate(new AddressRange(0, 9), InvalidationEvent.Clear);

        Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch().Remove(notifier, s_range).Insert(other, s_range)));
        Assert.Equal(ReadStatus.Open, other.ReadBegin().Status);
    }

    [Fact]
    public void A_failed_notifier_is_passed_on_by_a_second_cut_and_not_to_the_next_one_that_is_inserted()
    {
        var notifier = new TestNotifier((TestNotifier _, in Invalidation _) => throw new InvalidDataException("mine"));
        var right = new TestNotifier();
        var farRight = new TestNotifier();
        _space.Insert(notifier, s_range);
        _space.Invalidate(new AddressRange(0, 9), InvalidationEvent.Clear);
        notifier.Cut(new AddressRange(40, 49), () => right);
        right.Cut(new AddressRange(70, 79), () => farRight);
        var fresh = new TestNotifier();
        _space.Insert(fresh, s_range);

        Assert.Equal(ReadStatus.Failed, farRight.ReadBegin().Status);
        Assert.Equal(ReadStatus.Open, fresh.ReadBegin().Status);
    }

    [Fact]
    public void A_call_that_is_due_passes_through_a_notifier_of_the_exempt_owner()
    {
        object owner = new();
        var exempt = new TestNotifier(owner: owner);
        var last = new TestNotifier();
        var due = new TestNotifier();
        _space.Insert(
            new TestNotifier((TestNotifier _, in Invalidation _) =>
            {
                Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch().Remove(due, s_range).Insert(exempt, s_range)));
                Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch().Remove(exempt, s_range).Insert(last, s_range)));
                return InvalidateResult.Done;
            }),
            s_range);
        _space.Insert(due, s_range);

        _space.StartInvalidation(new AddressRange(10, 19), InvalidationEvent.Migrate, owner).Dispose();

        Assert.Empty(due.Calls);
        Assert.Empty(exempt.Calls);
        Invalidation call = Assert.Single(last.Calls);
        Assert.True(call.IsInherited);
        Assert.Equal(new AddressRange(10, 19), call.Overlap);
    }

    [Fact]
    public void A_notifier_of_the_exempt_owner_that_keeps_inherited_bytes_is_not_called()
    {
        object owner = new();
        var exempt = new TestNotifier(owner: owner);
        var due = new TestNotifier();
        _space.Insert(
            new TestNotifier((TestNotifier _, in Invalidation _) =>
            {
                Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch().Remove(due, s_range).Insert(exempt, s_range)));
                return InvalidateResult.Done;
            }),
            s_range);
        _space.Insert(due, s_range);

        _space.StartInvalidation(new AddressRange(10, 19), InvalidationEvent.Migrate, owner).Dispose();

        Assert.Empty(exempt.Calls);
        exempt.Remove();
        Assert.True(exempt.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    /// <summary>Its own bytes once, and taken bytes once more: coverage comes before the number of calls.</summary>
    [Fact]
    public void Exit_releases_each_notifier_once_and_bytes_that_it_takes_over_meanwhile_by_an_inherited_call()
    {
        var left = new TestNotifier();
        var right = new TestNotifier();
        var editor = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch()
                .Remove(right, new AddressRange(100, 199))
                .Move(left, s_range, new AddressRange(0, 199))));
            return InvalidateResult.Done;
        });
        _space.Insert(left, s_range);
        _space.Insert(editor, new AddressRange(50, 59));
        _space.Insert(right, new AddressRange(100, 199));

        Assert.True(_space.Exit());

        Assert.Empty(right.Calls);
        Assert.Equal([false, true], left.Calls.Select(call => call.IsInherited));
        Assert.Equal([s_range, new AddressRange(0, 199)], left.Calls.Select(call => call.Overlap));
        Assert.All(left.Calls, call => Assert.Equal((InvalidationEvent.Release, AddressRange.Whole), (call.Event, call.Range)));
    }

    /// <summary>Who is called, and over what, for all orders of the edits of one batch.</summary>
    [Fact]
    public void Inherited_calls_do_not_depend_on_the_order_of_the_edits_in_a_batch()
    {
        var results = Permutations(4).Select(CallsOf).ToArray();

        Assert.Equal(24, results.Length);
        Assert.All(results, calls => Assert.Equal(results[0], calls));
        Assert.Contains("moved", results[0], StringComparison.Ordinal);

        static string CallsOf(int[] order)
        {
            var space = new AddressSpace();
            var due = new TestNotifier();
            var returned = new TestNotifier();
            var moved = new TestNotifier();
            var inserted = new TestNotifier();
            space.Insert(returned, new AddressRange(0, 9));
            space.Insert(moved, new AddressRange(10, 19));
            space.Insert(
                new TestNotifier((TestNotifier _, in Invalidation _) =>
                {
                    var batch = new NotifierBatch();
                    foreach (int edit in order)
                    {
                        _ = edit switch
                        {
                            0 => batch.Remove(due, new AddressRange(30, 39)),
                            1 => batch.Remove(returned, new AddressRange(0, 9)),
                            2 => batch.Move(moved, new AddressRange(10, 19), new AddressRange(25, 39)),
                            _ => batch.Insert(inserted, new AddressRange(0, 19)),
                        };
                    }

                    Assert.Equal(EditResult.Applied, space.Apply(batch));
                    return InvalidateResult.Done;
                }),
                new AddressRange(20, 24));
            space.Insert(due, new AddressRange(30, 39));
            space.StartInvalidation(new AddressRange(0, 49), InvalidationEvent.Unmap).Dispose();
            return $"due {Text(due)}; returned {Text(returned)}; moved {Text(moved)}; inserted {Text(inserted)}";
        }

        static string Text(TestNotifier notifier) =>
            string.Join(", ", notifier.Calls.Select(call => $"{call.Overlap}{(call.IsInherited ? " inherited" : "")}"));
    }

    private static IEnumerable<int[]> Permutations(int count) => count == 0
        ? [[]]
        : Permutations(count - 1).SelectMany(
            rest => Enumerable.Range(0, count).Select(at => (int[])[.. rest[..at], count - 1, .. rest[at..]]));
}
