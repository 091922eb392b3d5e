using System.Diagnostics;
using MmuNotifier.Exploration.Running;
using MmuNotifier.Exploration.Strategies;

namespace MmuNotifier.Exploration;

/// <summary>Runs scenarios in many schedules, until one fails.</summary>
internal static class Explorer
{
    /// <summary>All schedules within the bounds.</summary>
    public static ExplorationResult ExploreExhaustively(
        Func<Scenario> factory, ExplorationBounds bounds, ExplorationLimits? limits = null) =>
        Alone(limits, runner =>
        {
            var strategy = new ExhaustiveStrategy(bounds.MaxPreemptions, bounds.MaxStaleReads);
            long start = Stopwatch.GetTimestamp();
            long schedules = 0;
            while (true)
            {
                Execution execution = runner.Run(factory, strategy);
                schedules++;
                runner.Limits.AfterSchedule?.Invoke();
                bool isMore = strategy.MoveNext();
                if (execution.Failure is not null)
                    return Failed(runner, factory, execution, seed: null, schedules, start);
                if (strategy.HasDiverged)
                    throw new InvalidOperationException(
                        "The scenario is not deterministic: a replayed beginning offered other choices. Does state outlive a schedule?");
                bool isOver = schedules >= bounds.MaxSchedules || Stopwatch.GetElapsedTime(start) >= bounds.TimeLimit
                    || runner.Limits.Cancellation.IsCancellationRequested;
                if (!isMore || isOver)
                    return new ExplorationResult(schedules, !isMore, Stopwatch.GetElapsedTime(start), Failure: null);
            }
        });

    /// <summary>So many random schedules, each with a seed of its own that follows from <paramref name="seed"/>.</summary>
    public static ExplorationResult ExploreRandomly(
        Func<Scenario> factory, ulong seed, long count, TimeSpan timeLimit, ExplorationLimits? limits = null) =>
        Alone(limits, runner =>
        {
            var seeds = new Randomness(seed);
            long start = Stopwatch.GetTimestamp();
            long schedules = 0;
            while (schedules < count && Stopwatch.GetElapsedTime(start) < timeLimit && !runner.Limits.Cancellation.IsCancellationRequested)
            {
                ulong own = schedules == 0 ? seed : seeds.Next();
                Execution execution = runner.Run(factory, new RandomStrategy(own));
                schedules++;
                runner.Limits.AfterSchedule?.Invoke();
                if (execution.Failure is not null)
                    return Failed(runner, factory, execution, own, schedules, start);
            }

            return new ExplorationResult(schedules, IsComplete: false, Stopwatch.GetElapsedTime(start), Failure: null);
        });

    /// <summary>One schedule, as a failure report gives it. Null if it does not fail.</summary>
    public static ExplorationFailure? Replay(Func<Scenario> factory, string schedule, ExplorationLimits? limits = null) =>
        Alone(limits, runner =>
        {
            Execution execution = runner.Run(factory, new ReplayStrategy(ChoiceList.Parse(schedule)));
            return execution.Failure is null ? null : runner.Report(factory, execution, seed: null, isShrunk: false);
        });

    private static ExplorationResult Failed(
        ScheduleRunner runner, Func<Scenario> factory, Execution execution, ulong? seed, long schedules, long start)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new ExplorationResult(schedules, IsComplete: false, elapsed, runner.Report(factory, execution, seed, isShrunk: true));
    }

    /// <summary>On a thread of its own, which may then be kept on one core.</summary>
    private static T Alone<T>(ExplorationLimits? limits, Func<ScheduleRunner, T> explore)
    {
        AssertionListener.Install();
        T result = default!;
        Exception? problem = null;
        var thread = new Thread(() =>
        {
            CoreAffinity.KeepOn(CoreAffinity.CurrentCore);
            using var runner = new ScheduleRunner(limits ?? new ExplorationLimits());
            try
            {
                result = explore(runner);
            }
            catch (Exception exception)
            {
                problem = exception;
            }
        })
        { IsBackground = true, Name = "explorer" };
        thread.Start();
        thread.Join();
        return problem is null ? result : throw new InvalidOperationException(problem.Message, problem);
    }
}
