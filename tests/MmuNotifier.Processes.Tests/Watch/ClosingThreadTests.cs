namespace MmuNotifier.Processes.Tests.Watch;

public sealed class ClosingThreadTests : IDisposable
{
    private readonly ClosingThread _closing = new();
    private readonly ManualResetEventSlim _mayClose = new();

    /// <summary>Locked by itself: which was closed, and whether on the thread of the test.</summary>
    private readonly List<(int Number, bool IsHere)> _closed = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public void Dispose() => _mayClose.Dispose();

    [Fact]
    public void Who_closes_goes_on_while_it_takes_long()
    {
        for (int i = 1; i <= 3; i++)
            _closing.Close(new Resource(this, i, waits: true));
        Assert.Empty(Closed);
        _mayClose.Set();
        AssertClosed([(1, false), (2, false), (3, false)]);
    }

    [Fact]
    public void What_comes_when_all_is_closed_is_closed_as_well()
    {
        for (int i = 1; i <= 100; i++)
        {
            _closing.Close(new Resource(this, i, waits: false));
            AssertClosed([.. Enumerable.Range(1, i).Select(number => (number, false))]);
        }
    }

    [Fact]
    public void When_many_are_waiting_who_comes_closes_itself()
    {
        _closing.Close(new Resource(this, 0, waits: true));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _begun) == 1, Patience.Limit));
        for (int i = 1; i <= ClosingThread.MaxWaiting; i++)
            _closing.Close(new Resource(this, i, waits: true));
        Assert.Empty(Closed);
        _closing.Close(new Resource(this, -1, waits: false));
        Assert.Equal([(-1, true)], Closed);
        _mayClose.Set();
        AssertClosed([(-1, true), .. Enumerable.Range(0, ClosingThread.MaxWaiting + 1).Select(number => (number, false))]);
    }

    [Fact]
    public void Without_a_thread_who_comes_closes_itself()
    {
        using (new ThreadFaults(call => call == "start thread" ? 11 : 0))
        {
            _closing.Close(new Resource(this, 1, waits: false));
            _closing.Close(new Resource(this, 2, waits: false));
        }

        Assert.Equal([(1, true), (2, true)], Closed);
        _closing.Close(new Resource(this, 3, waits: false));
        AssertClosed([(1, true), (2, true), (3, false)]);
    }

    private int _begun;

    private List<(int Number, bool IsHere)> Closed
    {
        get
        {
            lock (_closed)
                return [.. _closed];
        }
    }

    private void AssertClosed(List<(int Number, bool IsHere)> expected)
    {
        SpinWait.SpinUntil(() => Closed.Count == expected.Count, Patience.Limit);
        Assert.Equal(expected, Closed);
    }

    private sealed class Resource(ClosingThreadTests test, int number, bool waits) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Increment(ref test._begun);
            if (waits)
                test._mayClose.Wait(Patience.Limit);
            lock (test._closed)
                test._closed.Add((number, Environment.CurrentManagedThreadId == test._thread));
        }
    }
}
