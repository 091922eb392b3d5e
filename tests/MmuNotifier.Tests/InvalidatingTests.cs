namespace MmuNotifier.Tests;

public class InvalidatingTests
{
    private readonly AddressSpace _space = new();

    [Fact]
    public void Callbacks_come_in_ascending_order_with_their_overlap_before_start_returns()
    {
        List<AddressRange> order = [];
        TestNotifier Make() => new((TestNotifier _, in Invalidation invalidation) =>
        {
            order.Add(invalidation.Overlap);
            return InvalidateResult.Done;
        });
        _space.Insert(Make(), new AddressRange(50, 99));
        _space.Insert(Make(), new AddressRange(0, 49));
        _space.Insert(Make(), new AddressRange(0, 200));
        _space.Insert(Make(), new AddressRange(300, 400));

        InvalidationScope scope = _space.StartInvalidation(new AddressRange(40, 60), InvalidationEvent.Clear);

        Assert.Equal([new AddressRange(40, 49), new AddressRange(40, 60), new AddressRange(50, 60)], order);
        scope.Dispose();
    }

    [Fact]
    public void A_complete_change_is_reported_in_one_call()
    {
        List<AddressRange> dropped = [];
        IntervalNotifier notifier = _space.Insert(new AddressRange(0, 99), (in invalidation) =>
        {
            dropped.Add(invalidation.Overlap);
            return InvalidateResult.Done;
        });
        ReadSection before = notifier.ReadBegin();

        _space.Invalidate(new AddressRange(50, 200), InvalidationEvent.Clear);

        Assert.Equal([new AddressRange(50, 99)], dropped);
        Assert.True(before.MustRetry);
        Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait().Status);
    }

    [Fact]
    public void A_delegate_that_throws_in_a_reported_change_fails_its_notifier()
    {
        List<CallbackFailedEventArgs> failures = [];
        _space.CallbackFailed += (_, failure) => failures.Add(failure);
        IntervalNotifier notifier = _space.Insert(new AddressRange(0, 99), (in _) => throw new InvalidOperationException("no"));

        _space.Invalidate(new AddressRange(0, 0), InvalidationEvent.Unmap);

        Assert.Same(notifier, Assert.Single(failures).Notifier);
        Assert.Equal(ReadStatus.Failed, notifier.ReadBeginNoWait().Status);
    }

    [Fact]
    public void A_notifier_of_a_delegate_has_its_owner()
    {
        object device = new();
        int calls = 0;
        IntervalNotifier notifier = IntervalNotifier.Create((in _) => { calls++; return InvalidateResult.Done; }, device);
        _space.Insert(notifier, new AddressRange(0, 99));

        _space.Invalidate(new AddressRange(0, 9), InvalidationEvent.Migrate, device);
        _space.Invalidate(new AddressRange(0, 9), InvalidationEvent.Migrate, owner: new object());

        Assert.Same(device, notifier.Owner);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void An_insert_during_an_invalidation_is_not_called_but_its_reader_waits()
    {
        InvalidationScope active = _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear);
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(5, 20));

        Assert.Empty(notifier.Calls);
        Assert.Equal(ReadStatus.Invalidating, notifier.ReadBeginNoWait().Status);
        Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait(new AddressRange(10, 20)).Status);
        active.Dispose();
        Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait().Status);
    }

    [Fact]
    public void After_a_move_away_the_invalidation_left_behind_no_longer_holds_it_up()
    {
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(0, 9));
        InvalidationScope active = _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear);
        Task<ReadSection> waiting = notifier.ReadBeginAsync().AsTask();
        Assert.False(waiting.IsCompleted);

        _ = notifier.Move(new AddressRange(100, 109));

        Assert.True(waiting.Wait(TestNotifier.Limit));
        Assert.Equal(ReadStatus.Open, waiting.Result.Status);
        active.Dispose();
        Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait().Status);
    }

    [Fact]
    public void An_end_on_another_thread_and_a_second_end_are_harmless()
    {
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(0, 9));
        InvalidationScope first = _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear);
        Assert.True(Task.Run(first.Dispose).Wait(TestNotifier.Limit));
        InvalidationScope second = _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear);

        first.Dispose();

        Assert.Equal(ReadStatus.Invalidating, notifier.ReadBeginNoWait().Status);
        second.Dispose();
        Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait().Status);
    }

    [Fact]
    public void The_owner_of_a_migration_is_not_called_but_collides()
    {
        object owner = new();
        var own = new TestNotifier(owner: owner);
        var other = new TestNotifier(owner: new object());
        _space.Insert(own, new AddressRange(0, 9));
        _space.Insert(other, new AddressRange(0, 9));
        ReadSection section = own.ReadBegin();

        using (_space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Migrate, owner))
        {
            Assert.Empty(own.Calls);
            Assert.Single(other.Calls);
            Assert.True(section.MustRetry);
            Assert.Equal(ReadStatus.Invalidating, own.ReadBeginNoWait().Status);
        }

        _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear, owner).Dispose();
        Assert.Single(own.Calls);
    }

    [Fact]
    public void The_section_that_causes_an_invalidation_does_not_retry_for_it_and_no_other_is_spared()
    {
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(0, 99));
        var origin = new InvalidationOrigin();
        ReadSection own = notifier.ReadBegin(new AddressRange(0, 9), origin);
        ReadSection other = notifier.ReadBegin();

        using (_space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Migrate, origin: origin))
        {
            Assert.False(own.MustRetry);
            Assert.True(other.MustRetry);
        }

        Assert.False(own.MustRetry);
        _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose();
        Assert.True(own.MustRetry);
    }

    [Fact]
    public void A_refused_start_leaves_nothing_open_and_runs_the_second_steps_taken()
    {
        var step = new CountingStep();
        var whole = new PairCounter();
        _space.Insert(whole);
        var first = new TestNotifier((TestNotifier _, in Invalidation _) => InvalidateResult.FinishWith(step));
        var refusing = new TestNotifier((TestNotifier _, in Invalidation invalidation) =>
            invalidation.IsBlockable ? InvalidateResult.Done : InvalidateResult.WouldBlock);
        var last = new TestNotifier();
        _space.Insert(first, new AddressRange(0, 9));
        _space.Insert(refusing, new AddressRange(1, 9));
        _space.Insert(last, new AddressRange(2, 9));

        Assert.False(_space.TryStartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear, out InvalidationScope scope));

        Assert.Equal(default, scope);
        Assert.Equal(1, step.Runs);
        Assert.Empty(last.Calls);
        Assert.Equal(whole.Starts, whole.Ends);
        Assert.All([first, refusing, last], notifier => Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait().Status));
        _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose();
        Assert.Single(last.Calls);
    }

    [Fact]
    public void Second_steps_come_after_all_first_steps_and_removal_waits_for_them()
    {
        List<string> order = [];
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var step = new CountingStep(() =>
        {
            order.Add("second");
            inside.Set();
            Assert.True(goOn.Wait(TestNotifier.Limit));
        });
        var slow = new TestNotifier((TestNotifier _, in Invalidation _) => InvalidateResult.FinishWith(step));
        var other = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            order.Add("first");
            return InvalidateResult.Done;
        });
        _space.Insert(slow, new AddressRange(0, 9));
        _space.Insert(other, new AddressRange(1, 9));

        Task start = Task.Run(() => _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose());
        Assert.True(inside.Wait(TestNotifier.Limit));
        Task removal = slow.RemoveAsync();
        Assert.False(removal.IsCompleted);
        Assert.True(other.RemoveAsync().Wait(TestNotifier.Limit));
        goOn.Set();

        Assert.True(Task.WhenAll(start, removal).Wait(TestNotifier.Limit));
        Assert.Equal(["first", "second"], order);
        Assert.True(slow.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    [Fact]
    public void A_start_that_can_refuse_closes_and_throws_when_a_callback_throws_but_calls_all_others()
    {
        var throwing = new TestNotifier((TestNotifier _, in Invalidation _) => throw new InvalidDataException("mine"));
        var other = new TestNotifier();
        _space.Insert(throwing, new AddressRange(0, 9));
        _space.Insert(other, new AddressRange(1, 9));

        InvalidationFailedException failure = Assert.Throws<InvalidationFailedException>(
            () => _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear));

        Assert.IsType<InvalidDataException>(Assert.Single(failure.InnerExceptions));
        Assert.Single(other.Calls);
        Assert.Equal(ReadStatus.Open, throwing.ReadBeginNoWait().Status);
    }

    [Fact]
    public void A_report_goes_on_marks_the_notifier_failed_and_raises_the_event()
    {
        List<CallbackFailedEventArgs> failures = [];
        _space.CallbackFailed += (_, failure) => failures.Add(failure);
        var throwing = new TestNotifier((TestNotifier _, in Invalidation _) => throw new InvalidDataException("mine"));
        var other = new TestNotifier();
        _space.Insert(throwing, new AddressRange(0, 9));
        _space.Insert(other, new AddressRange(1, 9));
        ReadSection before = throwing.ReadBegin();

        _space.Invalidate(new AddressRange(0, 9), InvalidationEvent.Unmap);

        Assert.Same(throwing, Assert.Single(failures).Notifier);
        Assert.Single(other.Calls);
        Assert.True(before.MustRetry);
        Assert.Equal(ReadStatus.Failed, throwing.ReadBegin().Status);
        throwing.Remove();
        Assert.Equal(ReadStatus.Removed, throwing.ReadBegin().Status);
    }

    private sealed class CountingStep(Action? action = null) : ISecondStep
    {
        public int Runs { get; private set; }

        public void Finish(in Invalidation invalidation)
        {
            Runs++;
            action?.Invoke();
        }
    }

    private sealed class PairCounter : WholeSpaceNotifier
    {
        public int Starts { get; private set; }

        public int Ends { get; private set; }

        protected internal override bool InvalidateStart(in Invalidation invalidation)
        {
            Starts++;
            return true;
        }

        protected internal override void InvalidateEnd(in Invalidation invalidation) => Ends++;
    }
}
