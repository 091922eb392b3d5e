namespace MmuNotifier.Caching.Redis;

/// <summary>How far the other nodes have applied the log, and the invalidations that wait for them. Any thread.</summary>
internal sealed class AcknowledgementBoard
{
    private const int NodeLimit = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Epoch, long Sequence)> _last = [];
    private readonly List<AcknowledgementWait> _waits = [];

    public void Note(string epoch, string node, long sequence)
    {
        lock (_lock)
        {
            if (_last.Count >= NodeLimit)
                _last.Clear(); // Ids of nodes that are gone. What is lost is looked up.
            _last[node] = (epoch, sequence);
            foreach (AcknowledgementWait wait in _waits)
                wait.Note(epoch, node, sequence);
        }
    }

    /// <summary>An acknowledgement may have come before the wait begins: it counts.</summary>
    public AcknowledgementWait Begin(string epoch, long sequence, IEnumerable<LeaseHolder> holders)
    {
        var wait = new AcknowledgementWait(epoch, sequence, holders);
        lock (_lock)
        {
            foreach (LeaseHolder holder in wait.Silent())
            {
                if (_last.TryGetValue(holder.Node, out (string Epoch, long Sequence) last))
                    wait.Note(last.Epoch, holder.Node, last.Sequence);
            }

            _waits.Add(wait);
        }

        return wait;
    }

    public void End(AcknowledgementWait wait)
    {
        lock (_lock)
        {
            _waits.Remove(wait);
            foreach (LeaseHolder holder in wait.Silent())
                _last.Remove(holder.Node); // It may be gone for good.
        }
    }

    /// <summary>Those that have not acknowledged yet.</summary>
    public LeaseHolder[] SilentOf(AcknowledgementWait wait)
    {
        lock (_lock)
            return wait.Silent();
    }
}
