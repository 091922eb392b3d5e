namespace MmuNotifier.Tests.Linearisability;

/// <summary>Whether the order in which the model has run the operations explains what they observed on several threads.</summary>
internal static class ParallelCheck
{
    public static bool Explains(EngineSpace engine, ModelSpace model) =>
        RespectsTime(model.History)
        && model.History.TrueForAll(entry => entry.Operation.IsExplainedBy(entry, new Beside(model.History, entry.Operation)))
        && FinalState.Agrees(engine, model);

    /// <summary>CsCheck keeps the order of each thread. What ended before another operation began comes before it on other threads too.</summary>
    private static bool RespectsTime(List<HistoryEntry> history)
    {
        long latestBegin = 0;
        foreach (HistoryEntry entry in history)
        {
            if (entry.Operation.Ended < latestBegin)
                return false;
            latestBegin = Math.Max(latestBegin, entry.Operation.Began);
        }

        return true;
    }
}
