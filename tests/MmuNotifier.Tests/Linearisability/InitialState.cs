namespace MmuNotifier.Tests.Linearisability;

/// <summary>Some notifiers, a section over all and one over a part of each, and perhaps an invalidation that is active.</summary>
internal sealed record InitialState(IReadOnlyList<AddressRange> Ranges, AddressRange? Active, int Notifiers, int CallPause)
{
    public EngineSpace MakeEngine()
    {
        var engine = new EngineSpace(Notifiers, CallPause);
        foreach (Operation operation in Operations())
            operation.RunOn(engine);
        return engine;
    }

    public ModelSpace MakeModel()
    {
        var model = new ModelSpace(Notifiers);
        foreach (Operation operation in Operations())
            model.Prepare(operation);
        return model;
    }

    public override string ToString() => string.Join(", ", Operations());

    private IEnumerable<Operation> Operations()
    {
        for (int i = 0; i < Ranges.Count; i++)
        {
            yield return new InsertOperation(i, Ranges[i]);
            yield return new BeginOperation(i, null, 2 * i);
            yield return new BeginOperation(i, new AddressRange(Ranges[i].Start, Ranges[i].Start), (2 * i) + 1);
        }

        if (Active is { } range)
            yield return new StartOperation(0, range);
    }
}
