namespace MmuNotifier.Linux;

/// <content>The thread that reports what nobody asks for.</content>
public sealed partial class LinuxMemoryWatch
{
    private const int RemovalPollMilliseconds = 50;
    private const int IdleMilliseconds = 1000;

    /// <summary>Changes come in bunches: one wake-up for each would cost more than the change.</summary>
    private const int GatherMilliseconds = 5;

    /// <summary>What is left then waits for the next wake-up.</summary>
    private const int MaxSteps = 1024;

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
            bool hasEvents = DescriptorPoll.Wait(entries, WaitMilliseconds(), out _) > 0;
            if (hasEvents && !_isDisposed)
                Thread.Sleep(GatherMilliseconds);
            _reader.ClearSignal();
            Follow(hasEvents);
            if (Failure is not null)
                return;
            lock (_lock)
            {
                if (_isDisposed)
                    return;
                _removals!.DropFinished();
            }

            // Once they have been idle for a while: who forgets a range may soon want one beside it.
            if (_idle.IsAny && _idle.Age.TotalMilliseconds >= IdleMilliseconds)
                LetIdleGoInPieces();
        }
    }

    /// <summary>Between the pieces others can have the lock.</summary>
    private void LetIdleGoInPieces()
    {
        bool isMore = true;
        for (int steps = 0; isMore && steps < MaxSteps; steps++)
        {
            lock (_lock)
                isMore = !_isDisposed && Failure is null && LetIdleGo(MappingsAtOnce);
            if (isMore)
                Thread.Yield();
        }
    }

    private int WaitMilliseconds()
    {
        if (!_removals!.IsEmpty)
            return RemovalPollMilliseconds;
        return _idle.IsAny ? IdleMilliseconds : -1;
    }
}
