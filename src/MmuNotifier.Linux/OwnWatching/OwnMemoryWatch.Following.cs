using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.OwnWatching;

/// <content>The thread that reports what nobody asks for.</content>
public sealed partial class OwnMemoryWatch
{
    private const int SettleMilliseconds = 50;
    private const int IdleMilliseconds = 1000;

    /// <summary>Changes come in bunches: one wake-up for each would cost more than the change.</summary>
    private const int GatherMilliseconds = 5;

    private void Follow()
    {
        try
        {
            FollowUntilFailure();
        }
        catch (Exception exception)
        {
            // What the kernel answers to a scan and is not foreseen must not end the process.
            Fail($"Changes cannot be followed: {exception.Message}");
            AddFailure();
            Report();
        }
    }

    private void FollowUntilFailure()
    {
        Span<PollEntry> entries = stackalloc PollEntry[1];
        while (!_isDisposed)
        {
            entries[0] = new PollEntry { Descriptor = _reader!.SignalDescriptor, Wanted = PollEvents.In };
            if (DescriptorPoll.Wait(entries, WaitMilliseconds(), out _) > 0 && !_isDisposed)
                Thread.Sleep(GatherMilliseconds);
            _reader.ClearSignal();
            CatchUp(isForStamp: false);
            if (Failure is not null)
                return;
            lock (_lock)
            {
                if (_isDisposed)
                    return;
                _removals!.Settle();
                LetLongIdleGo();
            }
        }
    }

    private int WaitMilliseconds()
    {
        if (!_removals!.IsEmpty)
            return SettleMilliseconds;
        return _hasIdle ? IdleMilliseconds : -1;
    }
}
