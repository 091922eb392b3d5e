using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// Threads that wait for the engine's own lock: each gets it, one at a time, and sees what the one before wrote; also if others take it
/// first again and again, and if one is interrupted.
/// </summary>
internal sealed class ParkedThreads(bool isInterrupted) : Scenario
{
    private const int Holds = 3;

    private readonly ParkingLock _lock = new();
    private AtomicInt64 _count;
    private ControlledThread? _waiting;
    private bool _wasInterrupted;

    public override string Name => isInterrupted ? "ParkedThreadIsInterrupted" : "ParkedThreads";

    public override void Check()
    {
        Explore.Assert(_count.Read() == Holds + 2, $"{_count.Read()} holds were counted");
        Explore.Assert(_wasInterrupted == isInterrupted, "an interrupt was lost, or came from nowhere");
    }

    protected override IEnumerable<Action> Setup() => [HoldAgainAndAgain, HoldOnce, isInterrupted ? Interrupt : Hold];

    private void HoldAgainAndAgain()
    {
        for (int i = 0; i < Holds; i++)
            Hold();
    }

    private void HoldOnce()
    {
        _waiting = Explore.ThisThread;
        Hold();
        if (!isInterrupted)
            return;
        var monitor = new WaitMonitor();
        using (monitor.Hold())
        {
            try
            {
                monitor.Wait(Timeout.InfiniteTimeSpan);
            }
            catch (ThreadInterruptedException)
            {
                _wasInterrupted = true;
            }
        }
    }

    private void Interrupt()
    {
        Explore.WaitUntil(() => _waiting is not null);
        Explore.Interrupt(_waiting!);
        Hold();
    }

    private void Hold()
    {
        using (_lock.Hold())
            _count.WriteRelaxed(_count.ReadRelaxed() + 1);
    }
}
