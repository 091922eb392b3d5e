namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>What came of many races.</summary>
/// <param name="Races">How many there were.</param>
/// <param name="Overlapped">
/// In how many of them the loader had read the source when the invalidation began, and had not returned when the invalidation returned.
/// </param>
/// <param name="StaleJoined">In how many a lookup between these two moments got the old value.</param>
/// <param name="StaleAfter">In how many a lookup after the load got it.</param>
internal readonly record struct RaceResult(int Races, int Overlapped, int StaleJoined, int StaleAfter);
