namespace MmuNotifier.Benchmarks;

/// <summary>Gives a call up that does not come back. Costs the caller nothing but a store a call.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _giveUp = new();
    private readonly Timer _timer;
    private readonly int _looksAllowed;
    private int _calls;
    private int _callsSeen;
    private int _looks;

    internal Watchdog(TimeSpan never)
    {
        _looksAllowed = (int)(never / Look);
        _timer = new Timer(_ => Check(), null, Look, Look);
    }

    internal CancellationToken GiveUp => _giveUp.Token;

    internal void Report(int calls) => Volatile.Write(ref _calls, calls);

    public void Dispose()
    {
        using (var done = new ManualResetEvent(initialState: false))
        {
            if (_timer.Dispose(done))
                done.WaitOne();
        }

        _giveUp.Dispose();
    }

    private void Check()
    {
        int calls = Volatile.Read(ref _calls);
        _looks = calls == _callsSeen ? _looks + 1 : 0;
        _callsSeen = calls;
        if (_looks >= _looksAllowed)
            _giveUp.Cancel();
    }
}
