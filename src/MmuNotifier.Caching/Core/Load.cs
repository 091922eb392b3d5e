using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier.Caching;

/// <summary>
/// A load of one key for all callers that joined it. It has an attempt at a time: an entry in the state Loading. An invalidation of the
/// key, of a tag or of a prefix makes the attempt dead, and the load is not joined any more: callers that come later must not get a value
/// that was read before they came.
/// </summary>
/// <remarks>
/// The key's lock guards the properties that can be set. As long as the attempt is not dead, the key's node has the load.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer and no wait handle; callers may give up late.")]
internal abstract class Load(KeyNode node)
{
    private readonly CancellationTokenSource _cancellation = new();

    public KeyNode Node { get; } = node;

    /// <summary>What is loaded now.</summary>
    public CacheEntry Attempt { get; set; } = null!;

    public int AttemptCount { get; set; }

    /// <summary>Callers that wait. When the last one gives up, the load is cancelled.</summary>
    public int Callers { get; set; }

    /// <summary>The loads that the loader waits for. Guarded by the lock of <see cref="LoadFlow"/>.</summary>
    public List<Load>? WaitsFor { get; set; }

    /// <summary>Cancelled when all callers have given up.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Runs what the loader registered for it: under no lock.</summary>
    public void Cancel() => _cancellation.Cancel();
}
