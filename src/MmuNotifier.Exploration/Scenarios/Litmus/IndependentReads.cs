namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>
/// IRIW: two writers of independent words, two readers in opposite orders. With acquire they may disagree; with full fences not.
/// </summary>
internal sealed class IndependentReads : Scenario
{
    private AtomicInt64 _x;
    private AtomicInt64 _y;
    private bool _sawOnlyX;
    private bool _sawOnlyY;

    public override void Check() => Explore.Assert(!(_sawOnlyX && _sawOnlyY), "the readers disagree about which write came first");

    protected override IEnumerable<Action> Setup() => [() => _x.Write(1), () => _y.Write(1), ReadXThenY, ReadYThenX];

    private void ReadXThenY()
    {
        long x = _x.Read();
        Fence.Full(omittedBy: LitmusDefects.Weakened);
        _sawOnlyX = x == 1 && _y.Read() == 0;
    }

    private void ReadYThenX()
    {
        long y = _y.Read();
        Fence.Full(omittedBy: LitmusDefects.Weakened);
        _sawOnlyY = y == 1 && _x.Read() == 0;
    }
}
