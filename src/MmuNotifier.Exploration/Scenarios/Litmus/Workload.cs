namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>Right, and about sixty primitive calls on three threads: to measure the explorer's speed.</summary>
internal sealed class Workload : Scenario
{
    private readonly EngineLock _lock = new();
    private readonly AtomicInt64[] _words = new AtomicInt64[16];
    private AtomicInt64 _sum;

    public override void Check() => Explore.Assert(_sum.Read() == 12, $"sum {_sum.Read()}");

    protected override IEnumerable<Action> Setup() => [Work, Work, Work];

    private void Work()
    {
        for (int round = 0; round < 4; round++)
        {
            _words[round].Write(round);
            _words[round + 4].CompareExchange(1, 0);
            using (_lock.Hold())
                _sum.Write(_sum.Read() + 1);
        }
    }
}
