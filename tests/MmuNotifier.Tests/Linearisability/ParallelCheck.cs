namespace MmuNotifier.Tests.Linearisability;

/// <summary>How much of what operations observed on several threads is explained by the order in which the model has run them.</summary>
internal static class ParallelCheck
{
    public static int CountExplained(ModelSpace model) =>
        model.History.Count(entry => entry.Operation.IsExplainedBy(entry, new Beside(model.History, entry.Operation)));
}
