namespace MmuNotifier.MemoryContract;

/// <summary>Writes down every invalidation of an address space, with ranges relative to a base.</summary>
internal sealed class EventRecorder : IntervalNotifier
{
    private readonly List<string> _events = [];

    public EventRecorder(AddressSpace space, object? owner = null)
        : base(owner) => Assert.True(space.TryInsert(this, AddressRange.Whole));

    /// <summary>Runs inside each callback.</summary>
    public Action<Invalidation>? OnInvalidate { get; set; }

    /// <summary>What came since the last time, as "Event first-page+pages" relative to an address.</summary>
    public string[] Take(ulong relativeTo)
    {
        string[] events = [.. _events.Select(line => Describe(line, relativeTo))];
        _events.Clear();
        return events;
    }

    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        _events.Add($"{invalidation.Event} {invalidation.Range.Start} {invalidation.Range.Last}");
        OnInvalidate?.Invoke(invalidation);
        return InvalidateResult.Done;
    }

    private static string Describe(string line, ulong relativeTo)
    {
        string[] parts = line.Split(' ');
        long page = ((long)ulong.Parse(parts[1]) - (long)relativeTo) / 4096;
        ulong pages = (ulong.Parse(parts[2]) - ulong.Parse(parts[1]) + 1) / 4096;
        return $"{parts[0]} {page}+{pages}";
    }
}
