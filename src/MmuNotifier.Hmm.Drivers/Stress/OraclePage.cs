using System.Globalization;
using System.Text;

namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>One page: its word, what its mapping permits, and its last events. Guarded by the oracle's lock.</summary>
internal sealed class OraclePage(ulong address, PageAccess access)
{
    private const int KeptEvents = 24;
    private readonly Queue<string> _events = new();

    /// <summary>First byte of the page.</summary>
    public ulong Address => address;

    /// <summary>The word at the page's begin.</summary>
    public Register Word { get; } = new(0);

    /// <summary>Which <see cref="PageAccess"/> it permits.</summary>
    public Register Permits { get; } = new((ulong)access);

    public void Note(long begin, long end, int thread, string what)
    {
        if (_events.Count == KeptEvents)
            _events.Dequeue();
        _events.Enqueue(string.Create(CultureInfo.InvariantCulture, $"  {begin,8} to {end,8}  thread {thread,2}  {what}"));
    }

    public string Describe()
    {
        var text = new StringBuilder();
        foreach (string line in _events)
            text.AppendLine(line);
        return text.ToString();
    }
}
