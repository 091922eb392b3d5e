namespace MmuNotifier.Benchmarks.Caching;

/// <summary>A cache with <see cref="CachingHits.KeyCount"/> values; a hit reads one of them.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Hit">Gets the value of a key as its documents recommend, and returns its length.</param>
internal sealed record HitCase(string Name, Func<string, int> Hit);
