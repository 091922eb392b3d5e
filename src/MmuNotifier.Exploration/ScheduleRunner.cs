using MmuNotifier.Exploration.Model;
using MmuNotifier.Exploration.Reporting;
using MmuNotifier.Exploration.Running;
using MmuNotifier.Exploration.Strategies;

namespace MmuNotifier.Exploration;

/// <summary>Runs schedules one after the other, and makes the report of one that failed.</summary>
internal sealed class ScheduleRunner(ExplorationLimits limits) : IDisposable
{
    /// <summary>Schedules to run for a simpler failing one.</summary>
    private const int MaxShrinkingRuns = 2_000;

    private readonly WorkerPool _workers = new();
    private readonly ViewPool _views = new();

    public ExplorationLimits Limits => limits;

    public Execution Run(Func<Scenario> factory, IStrategy strategy, Trace? trace = null)
    {
        var execution = new Execution(strategy, limits, _workers, _views, trace);
        execution.Run(factory);
        return execution;
    }

    public ExplorationFailure Report(Func<Scenario> factory, Execution failed, ulong? seed, bool isShrunk)
    {
        Execution simplest = isShrunk ? Shrink(factory, failed) : failed;
        var trace = new Trace(firstStep: simplest.Steps - Trace.MaxSteps);
        Execution replayed = Run(factory, new ReplayStrategy(simplest.Choices), trace);
        return new ExplorationFailure(
            factory().Name, Seeded.Active, seed, failed.Choices.ToString(), simplest.Choices.ToString(), simplest.Failure!, trace.Draw(),
                trace.DrawNamed(),
            replayed.Failure is not null);
    }

    public void Dispose() => _workers.Dispose();

    /// <summary>Makes choices plain, the last first, as long as the schedule fails; until none can be.</summary>
    private Execution Shrink(Func<Scenario> factory, Execution failed)
    {
        Execution simplest = failed;
        bool isSimpler = true;
        for (int runs = 0; isSimpler;)
        {
            isSimpler = false;
            for (int index = simplest.Choices.Count - 1; index >= 0; index--)
            {
                if (index >= simplest.Choices.Count || simplest.Choices[index] == 0)
                    continue;
                if (++runs > MaxShrinkingRuns)
                    return simplest;
                Execution candidate = Run(factory, new ReplayStrategy(simplest.Choices.WithPlain(index)));
                if (candidate.Failure is null || candidate.Choices.Weight >= simplest.Choices.Weight)
                    continue;
                simplest = candidate;
                isSimpler = true;
            }
        }

        return simplest;
    }
}
