namespace MmuNotifier.Tests;

/// <summary>Nothing is allocated in steady state, measured in bytes on the thread that works.</summary>
public class AllocationTests
{
    private const int Repeats = 200;

    private readonly AddressSpace _space = new();
    private readonly TwoPassNotifier[] _notifiers = [.. Enumerable.Range(0, 100).Select(_ => new TwoPassNotifier())];

    public AllocationTests()
    {
        for (int i = 0; i < _notifiers.Length; i++)
            _space.Insert(_notifiers[i], AddressRange.FromLength((ulong)i * 1000, 1000));
    }

    [Theory]
    [InlineData(200_000, 200_000)]
    [InlineData(5_000, 5_000)]
    [InlineData(10_000, 73_999)]
    public void Invalidations_that_hit_none_one_and_sixty_four(ulong start, ulong last) => AssertAllocatesNothing(() =>
    {
        var range = new AddressRange(start, last);
        _space.StartInvalidation(range, InvalidationEvent.Clear).Dispose();
        Require(_space.TryStartInvalidation(range, InvalidationEvent.Clear, out InvalidationScope scope));
        scope.Dispose();
        _space.Invalidate(range, InvalidationEvent.Unmap);
    });

    [Fact]
    public void Invalidations_beside_a_whole_space_notifier()
    {
        _space.Insert(new QuietWholeSpaceNotifier());
        AssertAllocatesNothing(() => _space.StartInvalidation(new AddressRange(0, 4999), InvalidationEvent.Clear).Dispose());
    }

    [Fact]
    public void Read_sections_of_the_whole_and_of_a_part_open_or_not() => AssertAllocatesNothing(() =>
    {
        Require(!_notifiers[1].ReadBegin().MustRetry);
        Require(!_notifiers[1].ReadBegin(new AddressRange(1100, 1199)).MustRetry);
        using (_space.StartInvalidation(new AddressRange(1000, 1099), InvalidationEvent.Clear))
        {
            Require(_notifiers[1].ReadBeginNoWait().Status == ReadStatus.Invalidating);
            Require(!_notifiers[1].ReadBegin(new AddressRange(1100, 1199)).MustRetry);
        }
    });

    [Fact]
    public void Moves_finds_and_a_batch_that_is_used_again()
    {
        var batch = new NotifierBatch();
        AssertAllocatesNothing(() =>
        {
            _ = _notifiers[0].Move(new AddressRange(50_500, 50_600));
            _ = _notifiers[0].Move(new AddressRange(0, 999));
            batch.Clear();
            batch.Move(_notifiers[1], new AddressRange(1000, 1999), new AddressRange(1000, 2499));
            batch.Move(_notifiers[2], new AddressRange(2000, 2999), new AddressRange(2500, 2999));
            Require(_space.Apply(batch) == EditResult.Applied);
            batch.Clear();
            batch.Move(_notifiers[1], new AddressRange(1000, 2499), new AddressRange(1000, 1999));
            batch.Move(_notifiers[2], new AddressRange(2500, 2999), new AddressRange(2000, 2999));
            Require(_space.Apply(batch) == EditResult.Applied);
            foreach (FoundNotifier found in _space.Find(new AddressRange(0, 9999)))
                _ = found.Move(found.Range);
        });
    }

    /// <remarks>Removal is not measured: it may start a release worker.</remarks>
    [Fact]
    public void Inserting_notifiers_made_before_in_place_of_removed_ones()
    {
        TwoPassNotifier[] fresh = [.. Enumerable.Range(0, 2 * Repeats).Select(_ => new TwoPassNotifier())];
        TwoPassNotifier last = _notifiers[0];
        long allocated = 0;
        for (int i = 0; i < fresh.Length; i++)
        {
            last.RemoveDeferred();
            last = fresh[i];
            long before = GC.GetAllocatedBytesForCurrentThread();
            _space.Insert(last, new AddressRange(0, 999));
            allocated += i < Repeats ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    /// <summary>The assertions of the test library allocate.</summary>
    private static void Require(bool condition)
    {
        if (!condition)
            throw new InvalidOperationException("The operation did not do what this test measures.");
    }

    private static void AssertAllocatesNothing(Action action)
    {
        for (int i = 0; i < Repeats; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Repeats; i++)
            action();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
    }

    private sealed class TwoPassNotifier : IntervalNotifier, ISecondStep
    {
        protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.FinishWith(this);

        public void Finish(in Invalidation invalidation)
        {
        }
    }

    private sealed class QuietWholeSpaceNotifier : WholeSpaceNotifier
    {
        protected internal override bool InvalidateStart(in Invalidation invalidation) => true;

        protected internal override void InvalidateEnd(in Invalidation invalidation)
        {
        }
    }
}
