namespace MmuNotifier.Caching.Redis;

/// <summary>One invalidation that waits for other nodes. Guarded by the board's lock, except for the task.</summary>
internal sealed class AcknowledgementWait
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _epoch;
    private readonly long _sequence;
    private readonly Dictionary<string, LeaseHolder> _silent;

    public AcknowledgementWait(string epoch, long sequence, IEnumerable<LeaseHolder> holders)
    {
        _epoch = epoch;
        _sequence = sequence;
        _silent = holders.Where(each => each.Acknowledged < sequence).ToDictionary(each => each.Node);
        CompleteIfDone();
    }

    /// <summary>Completes when all have acknowledged.</summary>
    public Task Done => _done.Task;

    public LeaseHolder[] Silent() => [.. _silent.Values];

    public void Note(string epoch, string node, long sequence)
    {
        if (epoch == _epoch && sequence >= _sequence && _silent.Remove(node))
            CompleteIfDone();
    }

    private void CompleteIfDone()
    {
        if (_silent.Count == 0)
            _done.TrySetResult();
    }
}
