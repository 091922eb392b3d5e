using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Checks, before anything is measured, that both sides do the same work and that the baseline is a right one.</summary>
internal static class Verification
{
    private const int Seeds = 20;

    internal static void Run()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            TreeCheck.Run(seed, operations: 1000);
            var order = new WorkOrder(20 + (seed * 10));
            List<string> ours = EngineScript<OursEngine, InvalidationScope>.Run(order, seed, operations: 1000);
            List<string> baseline = EngineScript<BaselineEngine, BaselineScope>.Run(order, seed, operations: 1000);
            for (int i = 0; i < ours.Count; i++)
            {
                if (ours[i] != baseline[i])
                    throw new InvalidOperationException($"Seed {seed}, step {i}: ours says \"{ours[i]}\", the baseline \"{baseline[i]}\".");
            }
        }

        DeferralCheck.Run();
    }
}
