namespace MmuNotifier;

/// <summary>A task that waits. Its continuations never run on the thread that signals.</summary>
internal sealed class AsyncWaiter : Waiter
{
    private readonly Completion<ReadSection> _completion = new();

    public override void Signal() => _completion.SetResult(Section);

    /// <summary>Waits for the signal. Called after the waiter was queued, outside the engine lock.</summary>
    /// <param name="withdraw">Takes the waiter out of its queue; false if it was signalled already. Takes the engine lock.</param>
    /// <param name="cancellationToken">The token that gives up the wait.</param>
    public async Task<ReadSection> WaitAsync(Func<Waiter, bool> withdraw, CancellationToken cancellationToken)
    {
        // A cancellation that comes with the signal finds the waiter unqueued and leaves it alone: exactly one of the two completes it.
        using var watch = new CancellationWatch(
            _ =>
            {
                if (withdraw(this))
                    _completion.SetCanceled(cancellationToken);
            },
            this,
            cancellationToken);
        return await _completion.Task.ConfigureAwait(false);
    }
}
