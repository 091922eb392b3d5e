namespace MmuNotifier.Tests;

public class RemovingTests
{
    private readonly AddressSpace _space = new();

    [Fact]
    public void Remove_waits_for_a_running_callback_and_a_due_one_is_not_called()
    {
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var running = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            inside.Set();
            Assert.True(goOn.Wait(TestNotifier.Limit));
            return InvalidateResult.Done;
        });
        var due = new TestNotifier();
        _space.Insert(running, new AddressRange(0, 9));
        _space.Insert(due, new AddressRange(1, 9));
        Task start = Task.Run(() => _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose());
        Assert.True(inside.Wait(TestNotifier.Limit));

        due.Remove();
        Task first = running.RemoveAsync();
        Task second = running.RemoveAsync();
        Assert.False(first.IsCompleted || second.IsCompleted);
        Assert.False(running.ReleasedEvent.IsSet);
        goOn.Set();

        Assert.True(Task.WhenAll(start, first, second).Wait(TestNotifier.Limit));
        Assert.Empty(due.Calls);
        Assert.True(running.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    [Fact]
    public async Task A_removal_whose_wait_is_cancelled_goes_on_and_leaves_no_waiter()
    {
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var notifier = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            inside.Set();
            Assert.True(goOn.Wait(TestNotifier.Limit));
            return InvalidateResult.Done;
        });
        _space.Insert(notifier, new AddressRange(0, 9));
        Task start = Task.Run(() => _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose());
        Assert.True(inside.Wait(TestNotifier.Limit));

        using var source = new CancellationTokenSource();
        Task removal = notifier.RemoveAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removal);
        Assert.Throws<OperationCanceledException>(() => notifier.Remove(source.Token));
        Assert.True(notifier.Removal!.Waiters.IsEmpty);
        Assert.Equal(ReadStatus.Removed, notifier.ReadBegin().Status);
        goOn.Set();

        await start.WaitAsync(TestNotifier.Limit);
        Assert.True(notifier.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    [Fact]
    public void Sixty_four_handlers_that_block_do_not_hold_up_another_one()
    {
        using var goOn = new ManualResetEventSlim();
        TestNotifier[] blocking =
            [.. Enumerable.Range(0, 64).Select(_ => new TestNotifier { OnReleased = () => goOn.Wait(TestNotifier.Limit) })];
        foreach (TestNotifier notifier in blocking)
        {
            _space.Insert(notifier, new AddressRange(0, 9));
            notifier.RemoveDeferred();
        }

        var other = new TestNotifier();
        _space.Insert(other, new AddressRange(0, 9));
        other.RemoveDeferred();

        Assert.True(other.ReleasedEvent.Wait(TestNotifier.Limit));
        Task synchronize = _space.SynchronizeAsync();
        Assert.False(synchronize.IsCompleted);
        goOn.Set();
        Assert.True(synchronize.Wait(TestNotifier.Limit));
        Assert.All(blocking, notifier => Assert.True(notifier.ReleasedEvent.IsSet));
    }

    [Fact]
    public async Task A_cancelled_reader_leaves_no_waiter()
    {
        var notifier = new TestNotifier();
        _space.Insert(notifier, new AddressRange(0, 9));
        InvalidationScope active = _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear);
        using var source = new CancellationTokenSource();
        Task<ReadSection> waiting = notifier.ReadBeginAsync(source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Throws<OperationCanceledException>(() => notifier.ReadBegin(source.Token));
        Assert.True(notifier.ReadWaiters.IsEmpty);
        active.Dispose();
        Assert.Equal(ReadStatus.Open, notifier.ReadBegin().Status);
    }

    [Fact]
    public void An_exception_of_released_goes_to_the_event_and_the_barrier_still_opens()
    {
        using var failed = new ManualResetEventSlim();
        _space.CallbackFailed += (_, _) => failed.Set();
        var notifier = new TestNotifier { OnReleased = () => throw new InvalidDataException("mine") };
        _space.Insert(notifier, new AddressRange(0, 9));
        notifier.Remove();

        _space.Synchronize();
        Assert.True(failed.IsSet);
    }
}
