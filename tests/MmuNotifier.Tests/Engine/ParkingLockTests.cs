namespace MmuNotifier.Tests.Engine;

/// <summary>The engine's lock on real threads; its schedules are explored by ParkedThreads.</summary>
public class ParkingLockTests
{
    private const int Threads = 4;
    private const int Holds = 2_000;

    private readonly ParkingLock _lock = new();
    private int _count;
    private bool _isDone;

    [Fact]
    public void One_thread_at_a_time_has_it_and_each_that_waits_gets_it()
    {
        Run(Enumerable.Repeat(CountHolds, Threads));
        Assert.Equal(Threads * Holds, _count);
    }

    [Fact]
    public void A_thread_that_parks_gets_it_although_others_take_it_without_a_pause() =>
        Run([HoldUntilDone, HoldUntilDone, HoldUntilDone, HoldOften]);

    [Fact]
    public void An_interrupt_while_it_waits_comes_after_the_hold()
    {
        bool wasInterrupted = false;
        var waiting = new Thread(() =>
        {
            using (_lock.Hold())
                _count++;
            wasInterrupted = Record.Exception(() => Thread.Sleep(Patience.Limit)) is ThreadInterruptedException;
        });
        using (_lock.Hold())
        {
            waiting.Start();
            Patience.Until(() => (waiting.ThreadState & ThreadState.WaitSleepJoin) != 0, "the thread waits");
            waiting.Interrupt();
            Assert.Equal(0, Volatile.Read(ref _count));
        }

        Assert.True(waiting.Join(Patience.Limit));
        Assert.Equal(1, _count);
        Assert.True(wasInterrupted);
    }

    private void CountHolds()
    {
        for (int i = 0; i < Holds; i++)
        {
            using (_lock.Hold())
            {
                int seen = _count;
                if (i % 100 == 0)
                    Thread.Sleep(1); // So that others park.
                _count = seen + 1;
            }
        }
    }

    private void HoldUntilDone()
    {
        while (!Volatile.Read(ref _isDone))
        {
            using (_lock.Hold())
                Thread.SpinWait(1_000);
        }
    }

    private void HoldOften()
    {
        for (int i = 0; i < 100; i++)
        {
            using (_lock.Hold())
                Thread.Sleep(1);
        }

        Volatile.Write(ref _isDone, true);
    }

    private static void Run(IEnumerable<Action> bodies)
    {
        Thread[] threads = [.. bodies.Select(body => new Thread(() => body()))];
        Array.ForEach(threads, thread => thread.Start());
        Assert.All(threads, thread => Assert.True(thread.Join(Patience.Limit)));
    }
}
