namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>SB: each thread writes its word and reads the other's. Without fences both may read 0; with, never.</summary>
internal sealed class StoreBuffering : Scenario
{
    private AtomicInt64 _x;
    private AtomicInt64 _y;
    private long _first;
    private long _second;

    public override void Check() => Explore.Assert(_first == 1 || _second == 1, "both read 0");

    protected override IEnumerable<Action> Setup() => [First, Second];

    private void First()
    {
        _x.Write(1);
        Fence.Full(omittedBy: LitmusDefects.Weakened);
        _first = _y.Read();
    }

    private void Second()
    {
        _y.Write(1);
        Fence.Full(omittedBy: LitmusDefects.Weakened);
        _second = _x.Read();
    }
}
