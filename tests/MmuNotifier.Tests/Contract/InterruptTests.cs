using System.Reflection;

namespace MmuNotifier.Tests.Contract;

/// <summary>
/// <see cref="Thread.Interrupt"/>: what was begun is done, and the interrupt comes afterwards; a wait of the API ends by it and leaves
/// nothing behind.
/// </summary>
public class InterruptTests
{
    private static readonly AddressRange s_range = new(0, 99);

    private readonly AddressSpace _space = new();
    private readonly TestNotifier _notifier = new();
    private readonly PairNotifier _pairs = new();

    public InterruptTests()
    {
        _space.Insert(_notifier, s_range);
        _space.Insert(_pairs);
    }

    public static TheoryData<string> Operations { get; } = new(
        "end", "start and end", "insert", "remove deferred", "remove", "move", "cut", "batch", "find", "synchronize", "exit", "range");

    /// <remarks>The lock is held by the test, so that the operation waits for it, until the thread has been interrupted in that
    /// wait.</remarks>
    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_that_waits_for_the_engine_lock_is_done_and_the_interrupt_comes_afterwards(string name)
    {
        Action operation = Prepare(name, out Action check);
        Exception? thrown = null;
        bool isInterruptDue = false;
        var victim = new Thread(() =>
        {
            thrown = Record.Exception(operation);
            isInterruptDue = IsInterruptDue();
        });
        using (LockOf(_space).Hold())
        {
            victim.Start();
            Patience.Until(() => (victim.ThreadState & ThreadState.WaitSleepJoin) != 0, "the operation waits for the lock");
            victim.Interrupt();
            Patience.Until(() => (victim.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits again");
        }

        Assert.True(victim.Join(TestNotifier.Limit));
        Assert.Null(thrown);
        Assert.True(isInterruptDue);
        check();
        Assert.Equal(_pairs.Starts, _pairs.Ends);
    }

    [Fact]
    public void A_removal_whose_wait_is_interrupted_goes_on_as_a_deferred_one()
    {
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var notifier = new TestNotifier((TestNotifier _, in Invalidation _) =>
        {
            inside.Set();
            Assert.True(goOn.Wait(TestNotifier.Limit));
            return InvalidateResult.Done;
        });
        _space.Insert(notifier, s_range);
        Task start = Task.Run(() => _space.StartInvalidation(s_range, InvalidationEvent.Clear).Dispose());
        Assert.True(inside.Wait(TestNotifier.Limit));

        Assert.IsType<ThreadInterruptedException>(RunInterrupted(() => notifier.Remove()));
        Assert.True(notifier.Removal!.Waiters.IsEmpty);
        Assert.IsType<ThreadInterruptedException>(RunInterrupted(() => _space.Synchronize()));
        goOn.Set();

        Assert.True(start.Wait(TestNotifier.Limit));
        Assert.True(notifier.ReleasedEvent.Wait(TestNotifier.Limit));
        _space.Synchronize();
    }

    [Fact]
    public void A_reader_whose_wait_is_interrupted_leaves_nothing_behind()
    {
        using (_space.StartInvalidation(s_range, InvalidationEvent.Clear))
        {
            Assert.IsType<ThreadInterruptedException>(RunInterrupted(() => _notifier.ReadBegin()));
            Assert.True(_notifier.ReadWaiters.IsEmpty);
        }

        Assert.Equal(ReadStatus.Open, _notifier.ReadBegin().Status);
    }

    [Fact]
    public void A_handler_that_interrupts_its_thread_neither_ends_the_worker_nor_reaches_the_next_handler()
    {
        // One worker does them all: the keeper's tick never comes.
        var space = new AddressSpace(new ReleaseWorkers(BackgroundThread.Start, tick: TimeSpan.FromDays(1)));
        Exception? reached = null;
        TestNotifier[] notifiers = [.. Enumerable.Range(0, 20).Select(_ => new TestNotifier
        {
            OnReleased = () =>
            {
                reached ??= Record.Exception(() => Thread.Sleep(1));
                Thread.CurrentThread.Interrupt();
            },
        })];
        foreach (TestNotifier notifier in notifiers)
            space.Insert(notifier, s_range);
        foreach (TestNotifier notifier in notifiers)
            notifier.RemoveDeferred();
        space.Synchronize();

        Assert.Null(reached);
        Assert.All(notifiers, notifier => Assert.True(notifier.ReleasedEvent.IsSet));
    }

    private Action Prepare(string name, out Action check)
    {
        check = () => { };
        switch (name)
        {
            case "end":
                InvalidationScope scope = _space.StartInvalidation(s_range, InvalidationEvent.Clear);
                check = () => Assert.Equal(ReadStatus.Open, _notifier.ReadBeginNoWait().Status);
                return scope.Dispose;
            case "start and end":
                check = () => Assert.Single(_notifier.Calls);
                return () => _space.StartInvalidation(s_range, InvalidationEvent.Clear).Dispose();
            case "insert":
                var inserted = new TestNotifier();
                check = () => Assert.Equal(s_range, inserted.Range);
                return () => _space.Insert(inserted, s_range);
            case "remove deferred":
                check = () => Assert.True(_notifier.ReleasedEvent.Wait(TestNotifier.Limit));
                return () => _notifier.RemoveDeferred();
            case "remove":
                check = () => Assert.True(_notifier.ReleasedEvent.Wait(TestNotifier.Limit));
                return () => _notifier.Remove();
            case "move":
                check = () => Assert.Equal(new AddressRange(5, 9), _notifier.Range);
                return () => _ = _notifier.Move(new AddressRange(5, 9));
            case "cut":
                check = () => Assert.Equal(new AddressRange(0, 49), _notifier.Range);
                return () => _notifier.Cut(new AddressRange(50, 59), () => new TestNotifier());
            case "batch":
                check = () => Assert.Equal(new AddressRange(5, 9), _notifier.Range);
                return () => _ = _space.Apply(new NotifierBatch().Move(_notifier, s_range, new AddressRange(5, 9)));
            case "find":
                check = () => Assert.Equal(0, _notifier.FindHolds);
                return () =>
                {
                    foreach (FoundNotifier found in _space.Find(s_range))
                        Assert.Same(_notifier, found.Notifier);
                };
            case "synchronize":
                return () => _space.Synchronize();
            case "exit":
                check = () => Assert.True(_space.HasExited);
                return () => _space.Exit();
            case "range":
                return () => _ = _notifier.Range;
            default:
                throw new ArgumentOutOfRangeException(nameof(name), name, "Not an operation.");
        }
    }

    private static ParkingLock LockOf(AddressSpace space) =>
        (ParkingLock)typeof(AddressSpace).GetField("_lock", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(space)!;

    /// <summary>What an action throws whose thread is interrupted while it waits.</summary>
    private static Exception? RunInterrupted(Action action)
    {
        Exception? thrown = null;
        var victim = new Thread(() => thrown = Record.Exception(action));
        victim.Start();
        Patience.Until(() => (victim.ThreadState & ThreadState.WaitSleepJoin) != 0, "the action waits");
        victim.Interrupt();
        Assert.True(victim.Join(TestNotifier.Limit));
        return thrown;
    }

    private static bool IsInterruptDue()
    {
        using var open = new ManualResetEvent(true);
        return Record.Exception(() => open.WaitOne()) is ThreadInterruptedException;
    }

    private sealed class PairNotifier : WholeSpaceNotifier
    {
        private int _ends;

        public int Starts { get; private set; }

        public int Ends => _ends;

        protected internal override bool InvalidateStart(in Invalidation invalidation)
        {
            Starts++;
            return true;
        }

        protected internal override void InvalidateEnd(in Invalidation invalidation) => _ends++;
    }
}
