using MmuNotifier.Exploration.Scenarios.Litmus;

namespace MmuNotifier.Exploration.Tests;

public sealed class BlockingTests
{
    [Fact]
    public void Wake_up_is_not_lost_under_the_monitor() => Exploring.AssertNeverFails(() => new WakeUp());

    [Fact]
    public void Lost_wake_up_is_found() => Exploring.AssertFails(() => new WakeUp(), LitmusDefects.Weakened, "waits for a pulse");

    [Fact]
    public void Locks_in_one_order_never_block() => Exploring.AssertNeverFails(() => new LockOrder());

    [Fact]
    public void Deadlock_is_found() => Exploring.AssertFails(() => new LockOrder(), LitmusDefects.Weakened, "Deadlock");

    [Fact]
    public void Thread_alone_that_waits_is_a_deadlock() => Exploring.AssertFails(
        () =>
        {
            var monitor = new WaitMonitor();
            return new InlineScenario([() => Wait(monitor, Timeout.InfiniteTimeSpan)]);
        },
        SeededDefect.None,
        "Deadlock");

    [Fact]
    public void Timeout_comes_only_when_nothing_else_runs() => Exploring.AssertNeverFails(() =>
    {
        var monitor = new WaitMonitor();
        bool isWaiting = false;
        bool isPulsed = false;
        return new InlineScenario(
            [
                () =>
                {
                    using (monitor.Hold())
                    {
                        isWaiting = true;
                        isPulsed = monitor.Wait(TimeSpan.FromSeconds(1));
                    }
                },
                () =>
                {
                    Explore.WaitUntil(() => isWaiting);
                    using (monitor.Hold())
                        monitor.Pulse();
                },
            ],
            () => Explore.Assert(isPulsed, "timed out"));
    });

    [Fact]
    public void Wait_without_a_pulse_times_out() => Exploring.AssertNeverFails(() =>
    {
        var monitor = new WaitMonitor();
        bool isPulsed = true;
        return new InlineScenario(
            [() => isPulsed = Wait(monitor, TimeSpan.FromSeconds(1)), Explore.Yield], () => Explore.Assert(!isPulsed, "pulsed"));
    });

    [Fact]
    public void Background_thread_ends_by_its_timeout_and_is_seen_by_the_check() => Exploring.AssertNeverFails(() =>
    {
        var monitor = new WaitMonitor();
        var words = new Words();
        return new InlineScenario(
            [
                () => BackgroundThread.Start(
                    () =>
                    {
                        words.Y.WriteRelaxed(words.X.ReadRelaxed());
                        if (!Wait(monitor, TimeSpan.FromSeconds(1)))
                            words.Z.WriteRelaxed(1);
                    },
                    "worker"),
                () => words.X.Write(1),
            ],
            () => Explore.Assert(words.Z.Read() == 1, "the worker has not ended"));
    });

    [Fact]
    public void Background_thread_that_waits_for_ever_is_no_deadlock() => Exploring.AssertNeverFails(() =>
    {
        var monitor = new WaitMonitor();
        return new InlineScenario([() => BackgroundThread.Start(() => Wait(monitor, Timeout.InfiniteTimeSpan), "worker"), Explore.Yield]);
    });

    [Fact]
    public void Background_thread_has_seen_what_its_starter_had() => Exploring.AssertNeverFails(() =>
    {
        var words = new Words();
        return new InlineScenario(
        [
            () =>
            {
                words.X.WriteRelaxed(1);
                BackgroundThread.Start(() => Explore.Assert(words.X.ReadRelaxed() == 1, "stale"), "worker");
            },
        ]);
    });

    [Fact]
    public void Livelock_is_found() => Exploring.AssertFails(
        () =>
        {
            var words = new Words();
            return new InlineScenario(
            [
                () =>
                {
                    while (words.X.Read() == 0)
                    {
                    }
                },
                () => words.Y.Write(1),
            ]);
        },
        SeededDefect.None,
        "livelock");

    [Fact]
    public void Spinning_thread_lets_the_others_go_on() => Assert.True(Exploring.Exhaustively(
        () =>
        {
            var words = new Words();
            return new InlineScenario(
            [
                () =>
                {
                    while (words.X.Read() == 0)
                    {
                    }
                },
                () => words.X.Write(1),
            ]);
        },
        bounds: new ExplorationBounds { MaxPreemptions = 1 }).IsComplete);

    [Fact]
    public void Code_that_catches_everything_for_ever_does_not_stop_the_explorer() => Exploring.AssertFails(
        () =>
        {
            var words = new Words();
            return new InlineScenario(
            [
                () =>
                {
                    while (true)
                    {
                        try
                        {
                            words.X.Read();
                        }
                        catch (Exception)
                        {
                            // as an engine does with user code
                        }
                    }
                },
                () => Explore.Assert(words.X.Read() == 1, "as it should"),
            ]);
        },
        SeededDefect.None,
        "as it should");

    [Fact]
    public void Exception_of_a_thread_is_a_failure() => Exploring.AssertFails(
        () => new InlineScenario([() => throw new InvalidOperationException("for a test")]), SeededDefect.None, "for a test");

    [Fact]
    public void Lock_that_must_be_held_is_checked() => Exploring.AssertFails(
        () =>
        {
            var exclusive = new EngineLock();
            return new InlineScenario([exclusive.AssertHeld]);
        },
        SeededDefect.None,
        "must be held");

    [Fact]
    public void Uninterrupted_steps_are_not_split() => Exploring.AssertNeverFails(() =>
    {
        var words = new Words();
        void AddOne() => Explore.Uninterrupted(() => words.X.Write(words.X.CompareExchange(0, comparand: -1) + 1));
        return new InlineScenario([AddOne, AddOne], () => Explore.Assert(words.X.Read() == 2, "split"));
    });

    [Fact]
    public void Thread_that_is_not_controlled_is_told() => Exploring.AssertFails(
        () =>
        {
            var words = new Words();
            return new InlineScenario(
            [
                () =>
                {
                    var foreign = new Thread(() => words.X.Write(1));
                    foreign.Start();
                    foreign.Join();
                },
            ]);
        },
        SeededDefect.None,
        "not controlled");

    [Fact]
    public void State_that_outlives_a_schedule_starts_anew()
    {
        var monitor = new WaitMonitor();
        var words = new Words();
        Exploring.AssertNeverFails(() =>
        {
            words.X.Write(0);
            return new InlineScenario(
                [
                    () => words.X.Write(1),
                    () => BackgroundThread.Start(
                        () =>
                        {
                            using (monitor.Hold())
                            {
                                words.X.Read();
                                monitor.Wait(Timeout.InfiniteTimeSpan);
                            }
                        },
                        "worker"),
                ],
                () => Explore.Assert(words.X.Read() == 1, "old value"));
        });
    }

    private static bool Wait(WaitMonitor monitor, TimeSpan timeout)
    {
        using (monitor.Hold())
            return monitor.Wait(timeout);
    }
}
