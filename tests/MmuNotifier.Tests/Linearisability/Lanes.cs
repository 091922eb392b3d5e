namespace MmuNotifier.Tests.Linearisability;

/// <summary>
/// Engines side by side that the same threads run the same operations on, each at a slightly other moment: it takes CsCheck milliseconds to
/// have threads run together, and the operations microseconds.
/// </summary>
internal sealed class Lanes(InitialState initial)
{
    public const int Count = 64;

    // Made by the first operation: the models that CsCheck draws for each order come with engines that nobody uses.
    private readonly Lazy<EngineSpace[]> _engines = new(() => [.. Enumerable.Range(0, Count).Select(_ => initial.MakeEngine())]);
    private readonly bool[] _isExplained = new bool[Count];
    private readonly Meeting _meeting = new();
    private readonly Lock _lock = new();
    private readonly (int Explained, ModelSpace? Model)[] _closest = new (int, ModelSpace?)[Count];

    public EngineSpace this[int lane] => _engines.Value[lane];

    public void Run(Operation operation, int lane)
    {
        EngineSpace engine = this[lane];
        _meeting.Arrive(lane);
        operation.RunOn(engine);
    }

    /// <summary>
    /// Whether each lane has found an order that explains it, with this one; CsCheck tries others until then, in parallel.
    /// </summary>
    public bool TryOrder(IReadOnlyList<LaneOperation> order)
    {
        for (int lane = 0; lane < Count; lane++)
        {
            if (!Volatile.Read(ref _isExplained[lane]) && TryOrder(order, lane))
                Volatile.Write(ref _isExplained[lane], true);
        }

        return Array.TrueForAll(_isExplained, static isExplained => isExplained);
    }

    /// <summary>For a failure: the order that explains most of a lane that no order explains.</summary>
    public override string ToString()
    {
        int lane = Array.FindIndex(_isExplained, static isExplained => !isExplained);
        return lane >= 0 && _closest[lane] is (var explained, { } model)
            ? $"closest order, in which {explained} of {model.History.Count} operations are explained:\n    {model}"
            : initial.ToString();
    }

    private bool TryOrder(IReadOnlyList<LaneOperation> order, int lane)
    {
        ModelSpace model = initial.MakeModel();
        foreach (LaneOperation operation in order)
        {
            model.Run(operation[lane]);
            if (model.IsAgainstTime)
                return false;
        }

        int explained = ParallelCheck.CountExplained(model);
        if (explained == order.Count && FinalState.Agrees(this[lane], model))
            return true;
        lock (_lock)
        {
            if (_closest[lane].Model is null || explained > _closest[lane].Explained)
                _closest[lane] = (explained, model);
        }

        return false;
    }
}
