using MmuNotifier.Exploration.Scenarios;
using MmuNotifier.Exploration.Scenarios.Litmus;
using MmuNotifier.Exploration.Strategies;

namespace MmuNotifier.Exploration.Tests;

public sealed class StrategyTests
{
    private static readonly ExplorationBounds s_noStaleReads = new() { MaxStaleReads = 0 };

    [Fact]
    public void Lost_update_is_found() => Exploring.AssertFails(() => new Counting(), LitmusDefects.Weakened, "counted 1");

    [Fact]
    public void Compare_exchange_loses_no_update() => Exploring.AssertNeverFails(() => new Counting());

    [Fact]
    public void Bug_that_needs_two_preemptions_is_found_with_two_and_not_with_one()
    {
        ExplorationResult one = Exploring.Exhaustively(() => new TwoPreemptions(), bounds: s_noStaleReads with { MaxPreemptions = 1 });
        Assert.Null(one.Failure);
        Assert.True(one.IsComplete);
        ExplorationResult two = Exploring.Exhaustively(() => new TwoPreemptions(), bounds: s_noStaleReads with { MaxPreemptions = 2 });
        Assert.NotNull(two.Failure);
    }

    [Fact]
    public void Without_stale_reads_memory_is_sequentially_consistent()
    {
        ExplorationResult result = Exploring.Exhaustively(
            () => new StoreBuffering(), LitmusDefects.Weakened, s_noStaleReads with { MaxPreemptions = 9 });
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
    }

    [Fact]
    public void All_interleavings_of_two_threads_are_run_once()
    {
        // Two threads of two steps, and of one point each before they start: the start of a thread is not distinguished from its first
        // step.
        HashSet<string> seen = [];
        string order = "";
        void Mark(string step)
        {
            Explore.Yield();
            order += step;
        }

        ExplorationResult result = Exploring.Exhaustively(
            () =>
            {
                order = "";
                return new InlineScenario(
                    [
                        () =>
                        {
                            Mark("a");
                            Mark("b");
                        },
                        () =>
                        {
                            Mark("x");
                            Mark("y");
                        },
                    ],
                    () => seen.Add(order));
            },
            bounds: s_noStaleReads with { MaxPreemptions = 9 });
        Assert.True(result.IsComplete);
        Assert.Equal(["abxy", "axby", "axyb", "xaby", "xayb", "xyab"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Same_seed_gives_the_same_schedule()
    {
        ExplorationResult first = Exploring.Randomly(() => new IndependentReads(), LitmusDefects.Weakened, seed: 42);
        ExplorationResult second = Exploring.Randomly(() => new IndependentReads(), LitmusDefects.Weakened, seed: 42);
        Assert.NotNull(first.Failure);
        Assert.Equal(first.Schedules, second.Schedules);
        Assert.Equal(first.Failure, second.Failure);
    }

    [Fact]
    public void Seed_of_the_failing_schedule_fails_at_once()
    {
        ExplorationFailure failure = Exploring.Randomly(() => new IndependentReads(), LitmusDefects.Weakened, seed: 42).Failure!;
        ExplorationResult again = Exploring.Randomly(() => new IndependentReads(), LitmusDefects.Weakened, failure.Seed!.Value, count: 1);
        Assert.Equal(failure.FoundSchedule, again.Failure?.FoundSchedule);
    }

    [Fact]
    public void Replay_fails_in_the_same_way()
    {
        ExplorationFailure failure = Exploring.Randomly(() => new LockOrder(), LitmusDefects.Weakened, seed: 7).Failure!;
        foreach (string schedule in new[] { failure.Schedule, failure.FoundSchedule })
        {
            ExplorationFailure? again = Exploring.Replay(() => new LockOrder(), schedule, LitmusDefects.Weakened);
            Assert.Equal(schedule, again?.Schedule);
            Assert.Contains("Deadlock", again?.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Replay_of_a_good_schedule_does_not_fail() =>
        Assert.Null(Exploring.Replay(() => new LockOrder(), "-", LitmusDefects.Weakened));

    [Fact]
    public void Report_shows_a_column_per_thread_and_how_to_replay()
    {
        ExplorationFailure failure = Exploring.Exhaustively(() =>
            new MessagePassing(isReleaseWeakened: true), LitmusDefects.Weakened).Failure!;
        Assert.Contains("| Send", failure.Trace, StringComparison.Ordinal);
        Assert.Contains("| Receive", failure.Trace, StringComparison.Ordinal);
        Assert.Contains("STALE by 1, newest 1", failure.Trace, StringComparison.Ordinal);
        Assert.EndsWith(
            $"replay --scenario MessagePassingRelease --schedule {failure.Schedule} --defect litmus", failure.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Scenario_that_is_not_deterministic_is_told()
    {
        int runs = 0;
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => Exploring.Exhaustively(() =>
        {
            int steps = 1 + (runs++ % 2);
            void Run()
            {
                for (int step = 0; step < steps; step++)
                    Explore.Yield();
            }

            return new InlineScenario([Run, Run]);
        }));
        Assert.Contains("not deterministic", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("a")]
    [InlineData("14a3b")]
    [InlineData("2ab10z")]
    public void Schedule_is_read_as_written(string text) => Assert.Equal(text, ChoiceList.Parse(text).ToString());

    [Fact]
    public void A_defect_is_caught_by_a_litmus_scenario()
    {
        DefectResult result = DefectSearch.Run(LitmusDefects.Weakened, ScenarioRegistry.Litmus, 1_000, Effort.GiveUp, seed: 1);
        Assert.NotNull(result.Failure);
        Assert.Equal(SeededDefect.None, Seeded.Active);
    }

    [Fact]
    public void Limits_of_schedules_are_kept()
    {
        Assert.Equal(10, Exploring.Randomly(() => new Workload(), count: 10).Schedules);
        ExplorationResult result = Exploring.Exhaustively(() => new Workload(), bounds: new ExplorationBounds { MaxSchedules = 10 });
        Assert.Equal(10, result.Schedules);
        Assert.False(result.IsComplete);
    }
}
