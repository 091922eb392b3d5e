using System.Collections.Concurrent;

namespace MmuNotifier.Tests.Stress;

/// <summary>The memory that the devices mirror, and the first violation that was found.</summary>
internal sealed class StressModel
{
    public const int Pages = 64;

    private readonly long[] _versions = new long[Pages];

    public ConcurrentQueue<string> Violations { get; } = new();

    public ConcurrentBag<StressNotifier> Inserted { get; } = [];

    public ConcurrentBag<StressWholeSpaceNotifier> WholeSpaceInserted { get; } = [];

    public long Version(int page) => Volatile.Read(ref _versions[page]);

    public void Change(AddressRange range)
    {
        for (ulong page = range.Start; page <= Math.Min(range.Last, Pages - 1); page++)
            Interlocked.Increment(ref _versions[page]);
    }

    public void Fail(string violation) => Violations.Enqueue(violation);

    public void Require(bool condition, string violation)
    {
        if (!condition)
            Fail(violation);
    }
}
