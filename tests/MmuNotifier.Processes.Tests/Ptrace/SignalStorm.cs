namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>Sends real-time signals, which queue, to a target of mode "storm", and knows how many.</summary>
internal sealed class SignalStorm
{
    private readonly Target _target;
    private readonly long[] _sent = new long[4];
    private readonly Thread _thread;
    private volatile bool _stopping;

    internal SignalStorm(Target target)
    {
        _target = target;
        _thread = new Thread(Send) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends the storm and fails unless every signal has arrived, none twice. Gives their number.</summary>
    internal long AssertAllArrived()
    {
        _stopping = true;
        _thread.Join();
        string expected = string.Join(' ', _sent);
        Patience.Until(() => _target.Ask() == expected, $"all of {expected} signals arrive");
        return _sent.Sum();
    }

    private void Send()
    {
        for (int i = 0; !_stopping; i++)
        {
            bool isSent = Tools.TrySignal(_target.ProcessId, Tools.SigRealTime + i % _sent.Length);
            _sent[i % _sent.Length] += isSent ? 1 : 0;
            if (!isSent || i % 16 == 0)
                Thread.Sleep(1);
        }
    }
}
