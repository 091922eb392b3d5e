namespace MmuNotifier.Tests.Linearisability;

/// <summary>Compares engine and model after operations of one thread: nothing may differ.</summary>
internal static class SequentialCheck
{
    public static bool Agree(EngineSpace engine, ModelSpace model) => Different(model) is null && FinalState.Agrees(engine, model);

    public static string FirstDifference(ModelSpace model) =>
        Different(model) is { } entry ? $"{entry}\nafter\n    {model}" : $"no operation differs\n    {model}";

    private static HistoryEntry? Different(ModelSpace model) =>
        model.History.Find(entry => !entry.Prediction.IsExactly(entry.Operation.Observed!));
}
