namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>Goes wrong only if one thread is preempted and the other as well: the first's two steps around one of the second's, and back.</summary>
internal sealed class TwoPreemptions : Scenario
{
    private AtomicInt64 _x;
    private AtomicInt64 _y;

    protected override IEnumerable<Action> Setup() => [First, Second];

    private void First()
    {
        _x.Write(1);
        _y.Write(1);
        _x.Write(2);
    }

    private void Second()
    {
        // Between the first's two writes of x, and then again after its second: needs a switch in the middle of both.
        if (_x.Read() != 1)
            return;
        Explore.Assert(_x.Read() != 2, "switched in both threads");
    }
}
