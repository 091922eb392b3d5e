namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>SB with exchanges for writes: they are full fences, and no longer if the defect weakens them.</summary>
internal sealed class ExchangeAsFence : Scenario
{
    private AtomicInt64 _x;
    private AtomicInt64 _y;
    private long _first;
    private long _second;

    public override void Check() => Explore.Assert(_first == 1 || _second == 1, "both read 0");

    protected override IEnumerable<Action> Setup() => [First, Second];

    private void First()
    {
        _x.Exchange(1, relaxedBy: LitmusDefects.Weakened);
        _first = _y.ReadRelaxed();
    }

    private void Second()
    {
        _y.CompareExchange(1, comparand: 0, relaxedBy: LitmusDefects.Weakened);
        _second = _x.ReadRelaxed();
    }
}
