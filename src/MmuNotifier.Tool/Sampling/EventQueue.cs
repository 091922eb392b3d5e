namespace MmuNotifier.Tool.Sampling;

/// <summary>
/// The events between two looks, in bounded memory: what comes when it is full is only counted. The thread that reads the kernel's events
/// adds, and the process waits for it meanwhile; another thread takes.
/// </summary>
internal sealed class EventQueue(int capacity)
{
    private readonly Lock _lock = new();
    private List<MemoryEvent> _events = [];
    private long _lost;

    internal void Add(in MemoryEvent memoryEvent)
    {
        lock (_lock)
        {
            if (_events.Count < capacity)
                _events.Add(memoryEvent);
            else
                _lost++;
        }
    }

    /// <summary>What was added since the last call, in the order in which it came.</summary>
    /// <param name="lost">How many had no room.</param>
    internal List<MemoryEvent> Take(out long lost)
    {
        lock (_lock)
        {
            List<MemoryEvent> taken = _events;
            (_events, lost, _lost) = ([], _lost, 0);
            return taken;
        }
    }
}
