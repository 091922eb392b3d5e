using MmuNotifier.Exploration.Model;

namespace MmuNotifier.Growth;

/// <summary>Counts the steps of rows: they are the same on every machine. Outside of schedules, on one thread.</summary>
internal static class StepCounting
{
    public static GrowthCosts Measure(GrowthRow row, int smallest) => GrowthCosts.Measure(row, smallest, Count);

    private static double Count(Action run)
    {
        long before = MemoryModel.Steps;
        run();
        return MemoryModel.Steps - before;
    }
}
