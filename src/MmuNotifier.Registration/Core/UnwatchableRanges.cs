namespace MmuNotifier.Registration;

/// <summary>
/// Which ranges have been reported as not watchable: each once, and no more than a bounded number. Any thread; the lock is a leaf.
/// </summary>
internal sealed class UnwatchableRanges
{
    private const int MaxReported = 1000;

    private readonly Lock _lock = new();

    /// <summary>Guarded by the lock.</summary>
    private readonly HashSet<AddressRange> _reported = [];

    /// <summary>Whether the range is to be reported now.</summary>
    /// <param name="range">Bounds inclusive.</param>
    /// <param name="isLast">No other range will be reported.</param>
    public bool TryAdd(AddressRange range, out bool isLast)
    {
        lock (_lock)
        {
            int reported = _reported.Count;
            isLast = reported == MaxReported;
            return reported <= MaxReported && _reported.Add(range);
        }
    }
}
