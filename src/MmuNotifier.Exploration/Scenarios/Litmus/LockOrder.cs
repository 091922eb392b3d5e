namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>Two locks, always in the same order; the defect takes them in opposite orders: a deadlock.</summary>
internal sealed class LockOrder : Scenario
{
    private readonly EngineLock _first = new();
    private readonly EngineLock _second = new();
    private int _held;

    public override void Check() => Explore.Assert(_held == 2, $"held {_held} times");

    protected override IEnumerable<Action> Setup() =>
        [() => Take(_first, _second), () => Take(_first, _second, isReversed: Seeded.Has(LitmusDefects.Weakened))];

    private void Take(EngineLock outer, EngineLock inner, bool isReversed = false)
    {
        using (isReversed ? inner.Hold() : outer.Hold())
        using (isReversed ? outer.Hold() : inner.Hold())
            _held++;
    }
}
