namespace MmuNotifier.Tests.Linearisability;

/// <summary>What is there when all operations are over: the notifiers with their ranges, and which sections retry.</summary>
internal static class FinalState
{
    public static bool Agrees(EngineSpace engine, ModelSpace model)
    {
        var inserted = new Prediction("")
        {
            Calls = [.. model.Meeting(AddressRange.Whole)
                .Select(notifier => (new Call(notifier.Id, notifier.Range), notifier.Range.Start))],
        };
        return inserted.IsExactly(new Observation("", engine.FinalNotifiers))
            && model.Sections.All(slot => slot.Value.Allows(engine.Sections[slot.Key].MustRetry))
            && SectionsAgree(model);
    }

    private static bool SectionsAgree(ModelSpace model) => model.History.TrueForAll(entry =>
        entry.Operation is not BeginOperation begin || begin.IsFinallyExplainedBy(entry, new Beside(model.History, begin)));
}
