namespace MmuNotifier.Caching.Redis;

/// <summary>How far a node has applied the log. Published after what it says has been done.</summary>
/// <param name="Epoch">Of the log: sequences of different epochs have nothing to do with each other.</param>
/// <param name="Sequence">Of the last entry that is applied.</param>
internal sealed record CachePosition(string Epoch, long Sequence);
