namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>One thread waits for what the other sets. The defect looks before it takes the monitor: the wake-up is lost.</summary>
internal sealed class WakeUp : Scenario
{
    private readonly WaitMonitor _monitor = new();
    private AtomicInt64 _isSet;

    protected override IEnumerable<Action> Setup() => [WaitForIt, Set];

    private void WaitForIt()
    {
        if (Seeded.Has(LitmusDefects.Weakened))
        {
            if (_isSet.Read() == 1)
                return;
            using (_monitor.Hold())
                _monitor.Wait(Timeout.InfiniteTimeSpan);
            return;
        }

        using (_monitor.Hold())
        {
            while (_isSet.Read() == 0)
                _monitor.Wait(Timeout.InfiniteTimeSpan);
        }
    }

    private void Set()
    {
        using (_monitor.Hold())
        {
            _isSet.Write(1);
            _monitor.Pulse();
        }
    }
}
