namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>Goes wrong, by itself, only if both threads are preempted once.</summary>
internal sealed class TwoPreemptions : Scenario
{
    private AtomicInt64 _x;

    protected override IEnumerable<Action> Setup() => [First, Second];

    private void First()
    {
        _x.Write(1);
        _x.Write(2);
    }

    private void Second()
    {
        // Compare-exchanges read the newest: a stale read would do with fewer switches.
        bool isBetween = _x.CompareExchange(0, comparand: -1) == 1;
        bool isAfter = _x.CompareExchange(0, comparand: -1) == 2;
        Explore.Assert(!(isBetween && isAfter), "preempted in both threads");
    }
}
