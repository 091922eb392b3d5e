namespace MmuNotifier.Tests.Misuse;

public class LockDependencyTests
{
    private static readonly AddressRange s_range = new(0, 9);

    private readonly AddressSpace _space = new();
    private readonly Waits _waits;
    private readonly DriverLock _lock = new("device");

    public LockDependencyTests() => _waits = new Waits(_space);

    public static MatrixTheoryData<string, string> Everything { get; } = new(
        ["callback", "inherited callback", "second step", "whole-space start", "whole-space end", "CallbackFailed"], Waits.All);

    public static TheoryData<string> WaitsForCallbacks { get; } = new(Waits.OfCallbacks);

    public static TheoryData<string> Starts { get; } = new(["StartInvalidation", "TryStartInvalidation", "ReportInvalidation", "Exit"]);

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_wait_under_a_lock_that_a_call_has_taken_names_both_sites(string context, string wait)
    {
        Assert.Null(Contexts.RunInside(context, _space, TakeInCallback));

        Exception? thrown = Record.Exception(() => WaitUnderLock(wait));

        AssertNamesBothSites(thrown, wait.Split(' ')[0]);
        _waits.AssertQuietIsUntouched();
        Assert.IsType<MisuseException>(Record.Exception(() => WaitUnderLock(wait)));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_call_that_takes_a_lock_under_which_a_wait_was_seen_is_told_and_so_is_the_next_wait(string context, string wait)
    {
        WaitUnderLock(wait);

        Exception? inside = Contexts.RunInside(context, _space, TakeInCallback);
        Exception? outside = Record.Exception(() => WaitUnderLock(wait));

        AssertNamesBothSites(inside, "Taking the lock");
        AssertNamesBothSites(outside, wait.Split(' ')[0]);
        Assert.False(_lock.IsHeldByCurrentThread);
    }

    [Theory]
    [InlineData("Synchronize", true)]
    [InlineData("SynchronizeAsync", true)]
    [InlineData("Remove", false)]
    [InlineData("ReadBegin", false)]
    public void Only_the_barrier_waits_for_locks_of_released(string wait, bool isMisuse)
    {
        Assert.Null(Contexts.RunInside("Released", _space, TakeInCallback));

        Exception? thrown = Record.Exception(() => WaitUnderLock(wait));

        Assert.Equal(isMisuse, thrown is MisuseException);
    }

    [Theory]
    [MemberData(nameof(WaitsForCallbacks))]
    public void Chains_of_locks_are_followed(string wait)
    {
        var inner = new DriverLock("inner");
        Assert.Null(Contexts.RunInside("callback", _space, TakeInCallback));
        using (_lock.Hold())
        using (inner.Hold())
        {
        }

        Exception? thrown = Record.Exception(() =>
        {
            using (inner.Hold())
                _waits.Call(wait);
        });

        string message = Assert.IsType<MisuseException>(thrown).Message;
        Assert.Contains("driver lock 'inner'", message, StringComparison.Ordinal);
        AssertNamesBothSites(thrown, wait.Split(' ')[0], nameof(Chains_of_locks_are_followed));
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_start_under_a_lock_that_a_callback_takes_is_told(string start)
    {
        Assert.Null(Contexts.RunInside("callback", _space, TakeInCallback));
        RunNonBlockable();

        AssertNamesBothSites(Record.Exception(() => StartUnderLock(start)), start);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_start_under_a_lock_that_no_callback_takes_is_fine(string start) => StartUnderLock(start);

    [Fact]
    public void A_non_blockable_start_is_fine_under_a_lock_that_only_blockable_callbacks_take()
    {
        Assert.Null(Contexts.RunInside("callback", _space, TakeInCallback));

        StartUnderLock("TryStartInvalidation");
    }

    [Fact]
    public void Waits_under_a_lock_that_no_callback_takes_are_fine()
    {
        var other = new DriverLock("other");
        Assert.Null(Contexts.RunInside("callback", _space, () => Take(other)));

        foreach (string wait in Waits.All)
            WaitUnderLock(wait);
    }

    [Fact]
    public void Waits_under_a_lock_that_callbacks_only_try_to_take_are_fine()
    {
        Assert.Null(Contexts.RunInside("callback", _space, () =>
        {
            Assert.True(_lock.TryHold(out DriverLock.Scope scope));
            scope.Dispose();
        }));

        foreach (string wait in Waits.All)
            WaitUnderLock(wait);
    }

    [Fact]
    public void What_does_not_wait_may_be_called_under_a_lock_that_callbacks_take()
    {
        Assert.Null(Contexts.RunInside("callback", _space, TakeInCallback));

        using (_lock.Hold())
            _waits.CallEveryCallThatDoesNotWait();
    }

    [Fact]
    public void Callbacks_may_take_a_lock_that_another_thread_holds_without_waiting()
    {
        using var held = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        Task holder = Task.Run(() =>
        {
            using (_lock.Hold())
            {
                held.Set();
                Assert.True(goOn.Wait(TestNotifier.Limit));
                _waits.CallEveryCallThatDoesNotWait();
            }
        });
        Assert.True(held.Wait(TestNotifier.Limit));

        Exception? thrown = Contexts.RunInside("callback", _space, () =>
        {
            goOn.Set();
            Take(_lock);
        });

        Assert.Null(thrown);
        Assert.True(holder.Wait(TestNotifier.Limit));
    }

    [Fact]
    public void A_lock_shared_by_two_spaces_is_told_at_the_one_whose_callback_takes_it()
    {
        var other = new AddressSpace();
        Assert.Null(Contexts.RunInside("callback", other, TakeInCallback));

        WaitUnderLock("Remove");
        AssertNamesBothSites(Record.Exception(() => WaitUnderLock(new Waits(other), "Remove")), "Remove");
    }

    [Fact]
    public void Two_spaces_whose_callbacks_wait_for_each_other_are_told()
    {
        var other = new AddressSpace();
        var otherWaits = new Waits(other);
        Assert.Null(Contexts.RunInside("callback", _space, () => otherWaits.Call("ReadBegin")));

        Exception? thrown = Contexts.RunInside("callback", other, () => _waits.Call("ReadBegin"));

        Assert.Contains("calls ReadBegin", Assert.IsType<MisuseException>(thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_spaces_whose_callbacks_start_at_each_other_are_fine()
    {
        var other = new AddressSpace();
        Assert.Null(Contexts.RunInside("callback", _space, () => other.StartInvalidation(s_range, InvalidationEvent.Clear).Dispose()));
        Assert.Null(Contexts.RunInside("callback", other, () => _space.StartInvalidation(s_range, InvalidationEvent.Clear).Dispose()));
    }

    [Fact]
    public void Two_locks_in_both_orders_are_told()
    {
        var second = new DriverLock("second");
        using (_lock.Hold())
            Take(second);

        Exception? thrown = Record.Exception(() =>
        {
            using (second.Hold())
                Take(_lock);
        });

        string message = Assert.IsType<MisuseException>(thrown).Message;
        Assert.Contains("takes driver lock 'device'", message, StringComparison.Ordinal);
        Assert.Contains("takes driver lock 'second'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_is_held_already_may_be_taken_again_in_any_order()
    {
        var second = new DriverLock("second");
        using (_lock.Hold())
        using (second.Hold())
        using (_lock.Hold())
            Assert.True(_lock.IsHeldByCurrentThread);
        Assert.False(_lock.IsHeldByCurrentThread);
        using (_lock.Hold())
            Take(second);
    }

    [Fact]
    public void Locks_may_be_released_in_any_order()
    {
        Assert.Null(Contexts.RunInside("callback", _space, TakeInCallback));
        var second = new DriverLock("second");
        DriverLock.Scope first = _lock.Hold();
        DriverLock.Scope inner = second.Hold();
        first.Dispose();
        first.Dispose();
        inner.Dispose();

        _waits.Call("Remove");
    }

    [Fact]
    public void A_wait_that_hangs_already_is_not_joined_by_the_callback()
    {
        using var inside = new ManualResetEventSlim();
        using var waiting = new ManualResetEventSlim();
        var notifier = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            inside.Set();
            Assert.True(waiting.Wait(TestNotifier.Limit));
            Thread.Sleep(20); // Now the other thread waits for this callback, most likely, under the lock that it takes.
            Take(_lock);
            return InvalidateResult.Done;
        });
        _space.Insert(notifier, s_range);
        Task<Exception?> start = Task.Run(() => Record.Exception(() => _space.StartInvalidation(s_range, InvalidationEvent.Clear)));
        Assert.True(inside.Wait(TestNotifier.Limit));
        Task<Exception?> removal = Task.Run(() => Record.Exception(() =>
        {
            using (_lock.Hold())
            {
                waiting.Set();
                notifier.Remove();
            }
        }));

        Assert.True(Task.WhenAll(start, removal).Wait(TestNotifier.Limit));
        Assert.True(removal.Result is MisuseException || (start.Result as InvalidationFailedException)?.InnerException is MisuseException);
    }

    [Fact]
    public void Locks_of_other_kinds_are_declared()
    {
        using var semaphore = new SemaphoreSlim(1);
        var declared = new DeclaredLock("semaphore");
        Assert.Null(Contexts.RunInside("callback", _space, TakeSemaphore));

        Exception? thrown = Record.Exception(() =>
        {
            using (declared.Entering())
                _waits.Call("Remove");
        });
        _waits.Call("ReadBegin");

        string message = Assert.IsType<MisuseException>(thrown).Message;
        Assert.Contains($"{nameof(LockDependencyTests)}.cs:", message, StringComparison.Ordinal);
        Assert.Contains($", in {nameof(TakeSemaphore)}", message, StringComparison.Ordinal);
        Assert.Contains($", in {nameof(Locks_of_other_kinds_are_declared)}", message, StringComparison.Ordinal);

        void TakeSemaphore()
        {
            using (declared.Entering(member: nameof(TakeSemaphore)))
            {
                semaphore.Wait();
                semaphore.Release();
            }
        }
    }

    private static void AssertNamesBothSites(Exception? thrown, string call, string waiter = nameof(WaitUnderLock))
    {
        string message = Assert.IsType<MisuseException>(thrown).Message;
        Assert.StartsWith(call + " could wait for ever", message, StringComparison.Ordinal);
        Assert.Matches($@"device', taken at .*{nameof(LockDependencyTests)}\.cs:\d+, in ({waiter}|{nameof(StartUnderLock)})", message);
        Assert.Matches($@"takes driver lock 'device' at .*{nameof(LockDependencyTests)}\.cs:\d+, in {nameof(TakeInCallback)}", message);
        Assert.Contains("Notifier (address space #", message, StringComparison.Ordinal);
    }

    private static void Take(DriverLock driverLock)
    {
        using (driverLock.Hold())
        {
        }
    }

    private void TakeInCallback()
    {
        using (_lock.Hold())
        {
        }
    }

    private void WaitUnderLock(string wait) => WaitUnderLock(_waits, wait);

    private void WaitUnderLock(Waits waits, string wait)
    {
        using (_lock.Hold())
            waits.Call(wait);
    }

    private void RunNonBlockable()
    {
        var notifier = new CallingNotifier { OnCallback = TakeInCallback };
        _space.Insert(notifier, s_range);
        Assert.True(_space.TryStartInvalidation(s_range, InvalidationEvent.Clear, out InvalidationScope scope));
        scope.Dispose();
        notifier.RemoveDeferred();
    }

    private void StartUnderLock(string start)
    {
        using (_lock.Hold())
        {
            switch (start)
            {
                case "StartInvalidation":
                    _space.StartInvalidation(s_range, InvalidationEvent.Clear).Dispose();
                    break;
                case "TryStartInvalidation":
                    Assert.True(_space.TryStartInvalidation(s_range, InvalidationEvent.Clear, out InvalidationScope scope));
                    scope.Dispose();
                    break;
                case "ReportInvalidation":
                    _space.Invalidate(s_range, InvalidationEvent.Clear);
                    break;
                default:
                    Assert.True(_space.Exit());
                    break;
            }
        }
    }
}
